import { expect, test } from 'vitest';
import { readinessOf, type Watched } from '../../../src/worker/monitoring/readiness.js';

const answers = () => Promise.resolve();
const refuses = () => Promise.reject(new Error('mongodb://user:hunter2@host'));
const store = (command: () => Promise<unknown>) =>
  ({ db: { command } }) as unknown as NonNullable<Watched['store']>;
const worker = (askTemporal: () => Promise<void>, isPolling = true) => ({
  askTemporal,
  isPolling: () => isPolling,
});

test.each<[string, Watched, string[]]>([
  ['before anything is there', {}, ['the worker is starting']],
  ['while the store is there alone', { store: store(answers) }, ['the worker is starting']],
  [
    'while MongoDB refuses at the start',
    { store: store(refuses) },
    ['MongoDB does not answer', 'the worker is starting'],
  ],
  ['while all answer', { store: store(answers), worker: worker(answers) }, []],
  ['while MongoDB refuses', { store: store(refuses), worker: worker(answers) }, ['MongoDB does not answer']],
  [
    'while Temporal refuses',
    { store: store(answers), worker: worker(refuses) },
    ['Temporal does not answer'],
  ],
  [
    'while it drains',
    { store: store(answers), worker: worker(answers, false) },
    ['the worker takes no more work'],
  ],
])('a worker says why it is not ready: %s', async (_, watched, reasons) => {
  expect(await readinessOf(watched)()).toMatchObject({ ready: reasons.length === 0, reasons });
});

test('whoever asks at the same time, or right after, shares one question', async () => {
  let asked = 0;
  const count = () => Promise.resolve(asked++);
  const readiness = readinessOf({ store: store(count), worker: worker(answers) });
  await Promise.all(Array.from({ length: 20 }, readiness));
  await readiness();
  expect(asked).toBe(1);
});
