import { describe, expect, it } from 'vitest';
import { detailsToAsk, withHeartbeats, workOf } from '../../../src/client/watch/work.js';
import type { OrgSyncProgress } from '../../../src/workflows/contract.js';

const counts = { seen: 100, inserted: 100, changed: 0, unchanged: 0, removed: 0, held: 0, quarantined: 0 };
const progress = (more: Partial<OrgSyncProgress>): OrgSyncProgress => ({
  ...{ orgId: 'acme', syncId: 's', phase: 'details', dryRun: false, pages: 4, events: counts, requests: 5 },
  ...{ waitedMs: 0, detailsDue: 60, detailsAsked: 10, detailsPending: 0, unresolved: 0, ...more },
});

describe('the work that is left', () => {
  it('is the details to ask for, without those that are left to a later sync', () => {
    expect(workOf(progress({}), undefined)).toEqual({ done: 14, left: 50 });
    expect(workOf(progress({ detailsPending: 20 }), undefined)).toEqual({ done: 14, left: 30 });
    expect(detailsToAsk(progress({ detailsDue: 5_000 }))).toBe(1_000);
  });

  it('of a listing is known by the last complete one, with the details that are due so far', () => {
    const listing = progress({ phase: 'listing', detailsAsked: 0 });
    expect(workOf(listing, 10)).toEqual({ done: 4, left: 6 + 150 });
    expect(workOf({ ...listing, dryRun: true }, 10)).toEqual({ done: 4, left: 6 });
    expect(workOf(listing, undefined).left).toBeNull();
  });

  it('of a listing is not known once it is as long as the last one, nor before any of it was applied', () => {
    expect(workOf(progress({ phase: 'listing', pages: 10 }), 10).left).toBeNull();
    expect(workOf(progress({ phase: 'listing', events: { ...counts, seen: 0 } }), 10).left).toBeNull();
  });

  it('is none at the end, and not known while removals are settled', () => {
    expect(workOf(progress({ phase: 'closing' }), 10).left).toBe(0);
    expect(workOf(progress({ phase: 'removals' }), 10).left).toBeNull();
  });
});

describe('progress between two answers of the workflow', () => {
  const heartbeat = { type: 'fetchEventDetails', heartbeat: { requests: 7 } };

  it('goes on by what the activity under way has told', () => {
    const before = progress({});
    expect(withHeartbeats(progress({}), [heartbeat], before)).toMatchObject({
      detailsAsked: 17,
      requests: 12,
    });
    const pages = { type: 'fetchLumaPages', heartbeat: { requests: 2 } };
    expect(withHeartbeats(progress({}), [pages], before)).toMatchObject({ pages: 6, requests: 7 });
  });

  it('takes what Luma says of its limit from there; how long a window is may have been told before', () => {
    const before = progress({ limit: { requests: 35, windowMs: 4_000, left: 30 } });
    const said = { requests: 7, limit: { requests: 35, left: 23 } };
    const { limit } = withHeartbeats(before, [{ ...heartbeat, heartbeat: said }], before);
    expect(limit).toEqual({ requests: 35, windowMs: 4_000, left: 23 });
    const odd = { ...heartbeat, heartbeat: { requests: 7, limit: { requests: 'many' } } };
    expect(withHeartbeats(before, [odd], before).limit).toEqual(before.limit);
  });

  it('leaves out a heartbeat that may be of an activity that has ended, and one that cannot be read', () => {
    expect(withHeartbeats(progress({}), [heartbeat], progress({ requests: 3 }))).toEqual(progress({}));
    const unread = { type: 'fetchEventDetails', heartbeat: undefined };
    expect(withHeartbeats(progress({}), [unread], undefined)).toEqual(progress({}));
  });
});
