import { afterAll, expect, test } from 'vitest';
import { connectLumaSync, InvalidArgument, type StatusPart } from '../../src/client.js';

/** Connects to nothing: a part that is read fails, and is named. */
const lumaSync = connectLumaSync({});
afterAll(() => lumaSync.close());

test('a status reads the parts that are asked for, and no others', async () => {
  const parts: StatusPart[] = ['running', 'removals'];
  const { unread, running } = await lumaSync.status({ parts });
  expect(unread.map(({ part }) => part)).toEqual(parts);
  expect(running).toBeUndefined();
  expect((await lumaSync.status({ parts: [] })).unread).toEqual([]);
  expect((await lumaSync.status()).unread).toHaveLength(8);
});

test('parts that there are not are refused', async () => {
  for (const parts of [['everything'], 'running', [1], null]) {
    await expect(lumaSync.status({ parts: parts as StatusPart[] })).rejects.toThrow(InvalidArgument);
  }
});
