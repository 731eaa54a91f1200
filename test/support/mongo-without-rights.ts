import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';
import { onTestFinished } from 'vitest';
import { mongoUri } from './servers.js';

const OP_MSG = 2013;
const HEADER = 16;
const UNAUTHORIZED = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized' };

/**
 * The run's MongoDB for a user who may not do some things: such commands are answered as MongoDB answers them, and
 * never reach it. @returns its URI
 */
export async function mongoWithoutRights(refused: (command: string, db: string) => boolean): Promise<string> {
  const behind = new URL(mongoUri());
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(behind.port), behind.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
    upstream.pipe(client);
    let unread = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= HEADER && unread.length >= unread.readInt32LE(0)) {
        const message = unread.subarray(0, unread.readInt32LE(0));
        unread = unread.subarray(message.length);
        const { command, db } = commandIn(message);
        if (refused(command, db)) client.write(refusal(message));
        else upstream.write(message);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const uri = new URL(behind);
  uri.port = String((server.address() as AddressInfo).port);
  return uri.href;
}

function commandIn(message: Buffer): { command: string; db: string } {
  if (message.readInt32LE(12) !== OP_MSG) return { command: '', db: '' };
  // Behind header, flags and the kind of the first section.
  const document = message.subarray(HEADER + 5);
  const body = BSON.deserialize(document.subarray(0, document.readInt32LE(0)));
  return { command: Object.keys(body)[0] ?? '', db: String(body.$db) };
}

function refusal(to: Buffer): Buffer {
  const body = BSON.serialize(UNAUTHORIZED);
  const head = Buffer.alloc(HEADER + 5);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(to.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}
