import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_GUARD, mustHold } from '../../src/events/removal-guard.js';
import {
  decideRemovals,
  type ExpectedEvent,
  type RemovalQuestion,
  type Verdict,
} from '../../src/events/removals.js';

const VERDICTS = ['canceled', 'no-longer-managed', 'kept', 'unresolved'] as const;

const fact = fc.record({
  sort: fc.constantFrom('askable' as const, 'notAskable' as const, 'hidden' as const),
  verdict: fc.option(fc.constantFrom<Verdict>(...VERDICTS), { nil: undefined }),
  // Mostly approved, so that what goes beside an approval is met often.
  decision: fc.oneof(
    { weight: 6, arbitrary: fc.constant<'approved'>('approved') },
    { weight: 2, arbitrary: fc.constantFrom<'none' | 'asked'>('none', 'asked') },
  ),
  missedBefore: fc.boolean(),
});

const questions = fc
  .record({
    facts: fc.array(fact, { maxLength: 40 }),
    others: fc.nat(200),
    waitingElsewhere: fc.nat(5),
    goneUnseen: fc.nat(30),
    goneApproved: fc.nat(30),
    whole: fc.boolean(),
    emptyListing: fc.boolean(),
  })
  .map(({ facts, others, ...rest }): RemovalQuestion => {
    const all = facts.map((one, index) => ({ ...one, lumaEventId: `evt-${index}` }));
    const eventsOf = (sort: (typeof all)[number]['sort']): ExpectedEvent[] =>
      all
        .filter((one) => one.sort === sort)
        .map(({ lumaEventId }) => ({ lumaEventId, title: 'T', startAt: new Date(0), platform: 'luma' }));
    const decided = (decision: (typeof all)[number]['decision']) =>
      new Set(all.filter((one) => one.decision === decision).map(({ lumaEventId }) => lumaEventId));
    return {
      ...rest,
      ...{ askable: eventsOf('askable'), notAskable: eventsOf('notAskable'), hidden: eventsOf('hidden') },
      ...{ approved: decided('approved'), asked: decided('asked') },
      states: new Map(
        all
          .filter(({ missedBefore }) => missedBefore)
          .map(({ lumaEventId }) => [lumaEventId, { missedIn: ['earlier'] }]),
      ),
      verdicts: new Map(
        all.flatMap(({ sort, lumaEventId, verdict }) =>
          sort === 'askable' && verdict !== undefined ? [[lumaEventId, verdict] as const] : [],
        ),
      ),
      ...{ batches: 0, total: facts.length + others, namelessEntries: false },
    };
  });

test('nothing goes that a person was asked about, and nothing beside an approval that is much with it', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const { going, held } = decideRemovals(question, 'sync', DEFAULT_GUARD);
      const went = going.map(({ lumaEventId }) => lumaEventId);
      const heldIds = held.map(({ lumaEventId }) => lumaEventId);
      expect(went.filter((id) => question.asked.has(id))).toEqual([]);
      expect(went.filter((id) => heldIds.includes(id))).toEqual([]);
      expect(new Set(heldIds).size).toBe(heldIds.length);

      const removed = going.filter(({ reason }) => reason !== 'not-public');
      const notApproved = removed.filter(({ lumaEventId }) => !question.approved.has(lumaEventId));
      if (notApproved.length === 0) return;
      const before = question.goneUnseen + question.goneApproved;
      expect(mustHold(removed.length + before, question.total + before, DEFAULT_GUARD)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('where anything is held, all that vanished and would go later is held with it', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const { held, missed, going } = decideRemovals(question, 'sync', DEFAULT_GUARD);
      const isHeld = new Set(held.map(({ lumaEventId }) => lumaEventId));
      const byGuard = held.some(
        ({ lumaEventId, reason }) =>
          !question.asked.has(lumaEventId) && (reason === 'canceled' || reason === 'no-longer-managed'),
      );
      if (!byGuard) return;
      const leaving = new Set([...going, ...held].map(({ lumaEventId }) => lumaEventId));
      const silent = missed.filter((id) => !question.approved.has(id) && !isHeld.has(id) && !leaving.has(id));
      expect(silent).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
