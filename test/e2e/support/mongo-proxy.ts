import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';
import { onTestFinished } from 'vitest';

export interface SeenCommand {
  db: string;
  name: string;
  /** Empty for a command that is of no collection. */
  collection: string;
  /** Some part of it is an upsert. */
  upsert: boolean;
  /** Some stage of its pipeline writes. */
  writesResult: boolean;
}

const HEADER_BYTES = 16;
const OP_MSG = 2013;

export interface MongoProxy {
  port: number;
  commands: SeenCommand[];
  /** Called with every command before it is passed on; a promise holds it, and all that comes behind it, back. */
  gate: (command: SeenCommand) => Promise<void> | undefined;
}

/** Stands between a MongoDB and its clients, and notes every command that they send. */
export async function startMongoProxy(port: number): Promise<MongoProxy> {
  const commands: SeenCommand[] = [];
  const sockets = new Set<Socket>();
  const proxy: MongoProxy = { port: 0, commands, gate: () => undefined };
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
    server.pipe(client);
    let pending = Buffer.alloc(0);
    let passing = Promise.resolve();
    client.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= HEADER_BYTES && pending.length >= pending.readInt32LE(0)) {
        const message = pending.subarray(0, pending.readInt32LE(0));
        pending = pending.subarray(message.length);
        passing = passing.then(async () => {
          // The other form is for the first words of a connection only.
          if (message.readInt32LE(12) === OP_MSG) {
            const command = commandOf(message);
            commands.push(command);
            await proxy.gate(command);
          }
          server.write(message);
        });
      }
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  proxy.port = (listener.address() as AddressInfo).port;
  return proxy;
}

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg */
function commandOf(message: Buffer): SeenCommand {
  const flags = message.readUInt32LE(HEADER_BYTES);
  const end = message.length - ((flags & 1) === 1 ? 4 : 0);
  let body: Record<string, unknown> = {};
  const parts: Record<string, unknown>[] = [];
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = message.readUInt8(at);
    const size = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + size);
    if (kind === 0) body = BSON.deserialize(section);
    else {
      for (let from = section.indexOf(0, 4) + 1; from < section.length;) {
        const length = section.readInt32LE(from);
        parts.push(BSON.deserialize(section.subarray(from, from + length)));
        from += length;
      }
    }
    at += 1 + size;
  }
  const [[name, target] = ['', '']] = Object.entries(body);
  const updates = Array.isArray(body.updates) ? (body.updates as Record<string, unknown>[]) : [];
  const pipeline = Array.isArray(body.pipeline) ? (body.pipeline as object[]) : [];
  return {
    db: String(body.$db),
    name,
    collection: typeof target === 'string' ? target : '',
    upsert: [body, ...updates, ...parts].some(({ upsert }) => upsert === true),
    writesResult: pipeline.some((stage) => '$out' in stage || '$merge' in stage),
  };
}
