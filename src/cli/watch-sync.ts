import type { FullSyncRun, LumaSync, OrgSyncRun } from '../client/connect.js';
import type { SyncLook } from '../client/watch/look.js';
import { printJson } from './output/io.js';
import type { ProgressStream, ProgressView } from './output/progress.js';
import { watchLog } from './output/watch-log.js';
import { watchLines } from './output/watch-view.js';

/** Pauses count down each second. */
const REDRAW_EVERY_MS = 1_000;

export interface WatchOptions {
  view: ProgressView;
  stream: ProgressStream;
  signal: AbortSignal;
  /** One line of JSON for each look that brings something new, on stdout. */
  json: boolean;
}

/**
 * Shows a sync until its end: on a terminal in place, elsewhere as lines that stay, or as JSON. Never fails for what
 * happens to the sync, nor where Temporal is away: whoever waits for the result hears of that.
 */
export async function watchSync(
  lumaSync: LumaSync,
  run: FullSyncRun | OrgSyncRun,
  options: WatchOptions,
): Promise<void> {
  const { view, signal, json } = options;
  if (json) await lumaSync.watchSync(run, jsonLines(), { signal });
  else if (view.live) await watchLive(lumaSync, run, options);
  else {
    const news = watchLog();
    await lumaSync.watchSync(run, (look) => view.show(news(look)), { signal });
  }
}

async function watchLive(
  lumaSync: LumaSync,
  run: FullSyncRun | OrgSyncRun,
  { view, stream, signal }: WatchOptions,
): Promise<void> {
  let last: SyncLook | undefined;
  const draw = () => {
    if (last === undefined || signal.aborted) return;
    const { columns = 80, rows = 24 } = stream;
    view.show(watchLines(last, new Date(), { columns, rows: rows - 1 }));
  };
  const timer = setInterval(draw, REDRAW_EVERY_MS);
  stream.on('resize', draw);
  try {
    await lumaSync.watchSync(
      run,
      (look) => {
        last = look;
        draw();
      },
      { signal },
    );
  } finally {
    clearInterval(timer);
    stream.off('resize', draw);
  }
}

function jsonLines(): (look: SyncLook) => void {
  let before = '';
  return ({ at, ...look }) => {
    const text = JSON.stringify(look);
    if (text === before) return;
    before = text;
    printJson({ kind: 'progress', at, ...look });
  };
}
