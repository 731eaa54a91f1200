import { closeFullSync } from './close-full-sync.js';
import { closeOrgSync } from './close-org-sync.js';
import type { ActivityDependencies } from './dependencies.js';
import { withNamedFailures } from './failures.js';
import { firstLook } from './first-look.js';
import { fetchEventDetails } from './fetch-event-details.js';
import { followSyncs } from './follow-syncs.js';
import { fetchLumaPages } from './fetch-luma-pages.js';
import { getOrgsWithLumaConfig } from './get-orgs-with-luma-config.js';
import { lookAtSyncs } from './look-at-syncs.js';
import { openOrgSync } from './open-org-sync.js';
import { previewSync } from './preview-sync.js';
import { settleRemovals } from './settle-removals.js';
import { upsertEvents } from './upsert-events.js';

/** Every activity, by the name the workflows and Temporal know it by. */
export function createActivities(deps: ActivityDependencies) {
  return {
    getOrgsWithLumaConfig: withNamedFailures(getOrgsWithLumaConfig(deps)),
    firstLook: withNamedFailures(firstLook(deps)),
    openOrgSync: withNamedFailures(openOrgSync(deps)),
    fetchLumaPages: withNamedFailures(fetchLumaPages(deps)),
    upsertEvents: withNamedFailures(upsertEvents(deps)),
    fetchEventDetails: withNamedFailures(fetchEventDetails(deps)),
    settleRemovals: withNamedFailures(settleRemovals(deps)),
    previewSync: withNamedFailures(previewSync(deps)),
    closeOrgSync: withNamedFailures(closeOrgSync(deps)),
    lookAtSyncs: withNamedFailures(lookAtSyncs()),
    followSyncs: withNamedFailures(followSyncs()),
    closeFullSync: withNamedFailures(closeFullSync(deps)),
  };
}

export type Activities = ReturnType<typeof createActivities>;
