import { Gauge, type Registry } from 'prom-client';
import { type CountByOrganization, type Standing, STANDING_STATES } from '../../mongo/standing.js';

/**
 * Shows how the organizations stand. All workers show the same, so that whoever adds up over workers takes the greatest
 * value. Series of single organizations are as many as `Standing` names: those that need somebody come first.
 *
 * @returns what sets the values; `null` takes all away, where nobody knows
 */
export function standingGauges(registry: Registry): (standing: Standing | null) => void {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `luma_sync_${name}`, help, labelNames, registers: [registry] });

  const organizations = gauge('organizations', 'Organizations with a Luma key or a feed, by state.', [
    'state',
  ]);
  const unnamed = gauge(
    'organizations_without_series',
    'Organizations that have no series of their own, because there are too many; none of the named ones is better off.',
  );
  const oldest = gauge(
    'oldest_success_timestamp_seconds',
    'The earliest last complete sync of all organizations that had one, seconds since 1970.',
  );
  const state = gauge('organization_state', 'The state an organization is in: always 1.', [
    'organization',
    'state',
  ]);
  const success = gauge(
    'organization_last_success_timestamp_seconds',
    "When an organization's whole calendar was last synced completely, seconds since 1970; absent before.",
    ['organization'],
  );
  const failures = gauge(
    'organization_consecutive_failures',
    'Syncs of an organization that failed since its last success.',
    ['organization'],
  );
  const drift = gauge(
    'organization_drift',
    "Differences in Luma's answers about an organization's calendar that a person should look at.",
    ['organization'],
  );
  const held = gauge('removals_held', 'Removals that wait for a person.');
  const heldOf = gauge('organization_removals_held', 'Removals of an organization that wait for a person.', [
    'organization',
  ]);
  const quarantined = gauge('quarantined_entries', "Entries of Luma's answers that cannot be trusted.");
  const quarantinedOf = gauge(
    'organization_quarantined_entries',
    "Entries in Luma's answers about an organization's calendar that cannot be trusted.",
    ['organization'],
  );
  const single = [unnamed, oldest, held, quarantined];
  const all = [organizations, state, success, failures, drift, heldOf, quarantinedOf];

  const setCounts = (total: typeof held, of: typeof heldOf, counts: CountByOrganization) => {
    total.set(counts.total);
    for (const { id, count } of counts.organizations) of.set({ organization: id }, count);
  };

  return (standing) => {
    for (const each of all) each.reset();
    // A gauge without labels would be 0 after that.
    for (const each of single) each.remove();
    if (standing === null) return;
    for (const name of STANDING_STATES) organizations.set({ state: name }, standing.states[name]);
    const syncable = STANDING_STATES.filter((name) => name !== 'unusable');
    const total = syncable.reduce((sum, name) => sum + standing.states[name], 0);
    unnamed.set(Math.max(0, total - standing.worst.length));
    if (standing.oldestSuccessAt !== undefined) oldest.set(seconds(standing.oldestSuccessAt));
    for (const each of standing.worst) {
      const { id: organization, lastSuccessAt } = each;
      state.set({ organization, state: each.state }, 1);
      failures.set({ organization }, each.consecutiveFailures);
      drift.set({ organization }, each.drift);
      if (lastSuccessAt !== undefined) success.set({ organization }, seconds(lastSuccessAt));
    }
    setCounts(held, heldOf, standing.removalsHeld);
    setCounts(quarantined, quarantinedOf, standing.quarantined);
  };
}

function seconds(instant: Date): number {
  return instant.getTime() / 1000;
}
