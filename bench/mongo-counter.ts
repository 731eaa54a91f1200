import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** What went over the wire to MongoDB. */
export interface MongoCounts {
  commands: number;
  /** Both ways, of all but the driver's own commands. */
  bytes: number;
}

export interface MongoCounter {
  uri: string;
  /** Since the last call. */
  take(): MongoCounts;
  close(): Promise<void>;
}

const OP_MSG = 2013;
const HEADER = 16;
/** Of the wire protocol: 4 bytes of flags, the kind of the section, the document's length, the type of its first field. */
const NAME_AT = HEADER + 4 + 1 + 4 + 1;
/** Sent by the driver for itself, at times of its own. */
const OF_THE_DRIVER = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions', 'saslStart']);

/** A TCP proxy in front of MongoDB that counts the commands of its wire protocol. */
export async function countMongo(uri: string): Promise<MongoCounter> {
  const target = new URL(uri);
  const sockets = new Set<Socket>();
  let counts: MongoCounts = { commands: 0, bytes: 0 };

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const asked = new Set<number>();
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      const read = messages((message) => {
        if (from === client) {
          if (message.readInt32LE(12) !== OP_MSG || OF_THE_DRIVER.has(nameIn(message))) return;
          asked.add(message.readInt32LE(4));
          counts.commands++;
          counts.bytes += message.length;
        } else if (asked.delete(message.readInt32LE(8))) {
          counts.bytes += message.length;
        }
      });
      from.on('data', (chunk: Buffer) => {
        read(chunk);
        to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    uri: uri.replace(`:${target.port}`, `:${port}`),
    take() {
      const taken = counts;
      counts = { commands: 0, bytes: 0 };
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function nameIn(message: Buffer): string {
  return message.toString('latin1', NAME_AT, message.indexOf(0, NAME_AT));
}

/** Calls back with each whole message. */
function messages(each: (message: Buffer) => void): (chunk: Buffer) => void {
  let unread: Buffer = Buffer.alloc(0);
  return (chunk) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    while (unread.length >= HEADER && unread.length >= unread.readInt32LE(0)) {
      const length = unread.readInt32LE(0);
      each(unread.subarray(0, length));
      unread = unread.subarray(length);
    }
  };
}
