import type { SyncLook } from '../../client/watch/look.js';
import { type OrgCells, orgCells, STANDINGS } from './watch-org.js';

/** Failed organizations that are named while others run. */
const FAILED = 5;
/** With more organizations than this, those that get on have no lines. */
const MANY = 200;

export interface Chosen {
  shown: (OrgCells & { orgId: string })[];
  /** What there is no line for, counted. */
  more: string[];
}

/**
 * Which organizations have a line: all in the order in which they began, where there is room for that; otherwise the most
 * important ones first.
 * @param room lines at most
 */
export function chosen({ orgs, fullSync, expectedTotal }: SyncLook, now: Date, room: number): Chosen {
  const inOrder = [...orgs]
    .sort(
      (a, b) => (a.startedAt?.getTime() ?? 0) - (b.startedAt?.getTime() ?? 0) || (a.orgId < b.orgId ? -1 : 1),
    )
    .map((org) => ({ orgId: org.orgId, ...orgCells(org, now) }));
  const read = fullSync?.orgs.total ?? 0;
  const isMany = expectedTotal === undefined ? read >= MANY : expectedTotal > MANY;
  if (!isMany && orgs.length <= room) return { shown: inOrder, more: [] };
  const failed = inOrder.filter(({ standing }) => standing === 'failed');
  const running = inOrder.filter(({ standing }) => standing !== 'failed');
  const named = failed.slice(0, running.length === 0 ? room : FAILED);
  const important = [...running, ...named]
    .filter(({ standing }) => !isMany || standing !== 'well')
    .sort((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing));
  const shown = important.slice(0, Math.max(1, room - 2));
  const unseen = (some: Chosen['shown']) => some.filter((one) => !shown.includes(one)).length;
  const more = [
    [unseen(running), 'running'],
    [unseen(failed), 'failed'],
  ] as const;
  return {
    shown,
    more: more.filter(([n]) => n > 0).map(([n, word]) => `and ${n.toLocaleString('en')} more ${word}`),
  };
}
