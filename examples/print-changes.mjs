// Prints the changes of the public events as they come, one JSON document in each line. It keeps its position in a file, and
// continues there when it is started again.
//
//     npm run build
//     MONGODB_URI=mongodb://127.0.0.1:27017/luma_sync node examples/print-changes.mjs [file] [organization]
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { connectLumaSync, readConfig } from '../dist/client.js';

const LOOK_EVERY_MS = 3_000;

const [file = 'luma-changes.position', orgId] = process.argv.slice(2);
const lumaSync = connectLumaSync(readConfig(process.env, ['mongo']));
const leaving = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => leaving.abort());

/** An event that only members may still see is gone for everybody else. */
function asVisitorsSee(change) {
  const { kind, event } = change;
  if (kind === 'removed' || event.visibility === 'public') return change;
  return {
    kind: 'removed',
    event: { orgId: event.orgId, lumaEventId: event.lumaEventId },
    reason: 'not-public',
  };
}

let since = await readFile(file, 'utf8').catch((error) => {
  if (error.code === 'ENOENT') return null;
  throw error;
});
while (!leaving.signal.aborted) {
  const { changes, position, more } = await lumaSync.changes.read({ since, orgId });
  for (const change of changes) console.log(JSON.stringify(asVisitorsSee(change)));
  // After the changes are handled: a crash in between repeats a page and loses nothing.
  if (position !== since) {
    await writeFile(`${file}.new`, position);
    await rename(`${file}.new`, file);
  }
  since = position;
  if (!more) await delay(LOOK_EVERY_MS, undefined, { signal: leaving.signal }).catch(() => undefined);
}
await lumaSync.close();
