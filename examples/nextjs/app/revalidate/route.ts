import { readChanges } from 'luma-sync/read';
import { revalidatePath } from 'next/cache';
import { database } from '../../lib/database';

interface SitePosition {
  _id: 'site';
  position: string;
}

/**
 * Reads what changed since the last call, and has the page rendered anew where that is anything. Call it every minute:
 * `curl -X POST http://127.0.0.1:3000/revalidate`. Whoever else calls it does no harm.
 */
export async function POST() {
  const db = database();
  const positions = db.collection<SitePosition>('site_positions');
  let since = (await positions.findOne({ _id: 'site' }))?.position ?? null;
  let changed = 0;
  for (let more = true; more;) {
    const page = await readChanges(db, { since });
    changed += page.changes.length;
    if (page.changes.length > 0) revalidatePath('/');
    // After the page is marked: a crash in between marks it once more.
    if (page.position !== since) {
      await positions.updateOne({ _id: 'site' }, { $set: { position: page.position } }, { upsert: true });
    }
    ({ position: since, more } = page);
  }
  return Response.json({ changed });
}
