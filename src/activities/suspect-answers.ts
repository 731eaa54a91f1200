import { Context } from '@temporalio/activity';
import type { OrgId } from '../mongo/documents.js';
import type { FenceStore } from '../mongo/fence.js';
import { LumaAnswerUnreadable } from './failures.js';
import { attemptBeforeDied } from './heartbeat.js';

/**
 * Notices an answer that ends whoever reads it. An activity's first attempt takes no notice. A later one writes down
 * which answer it is about to read. An attempt that finds the same one written down, by an attempt that died, does not
 * read it again.
 */
export function suspectAnswers(fences: FenceStore, fenceId: OrgId, syncId: string) {
  let suspect: string | null = null;
  return {
    /** @throws LumaAnswerUnreadable */
    async reading(what: string): Promise<void> {
      if (Context.current().info.attempt < 2) return;
      suspect ??= attemptBeforeDied() ? ((await fences.current(fenceId, syncId)).suspect ?? '') : '';
      if (suspect === what) throw new LumaAnswerUnreadable(what);
      await fences.suspect(fenceId, syncId, what);
      suspect = '';
    },
  };
}
