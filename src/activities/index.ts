import { closeFullSync } from './close-full-sync.js';
import { closeOrgSync } from './close-org-sync.js';
import type { ActivityDependencies } from './dependencies.js';
import { findObstacles } from './find-obstacles.js';
import { firstLook } from './first-look.js';
import { fetchEventDetails } from './fetch-event-details.js';
import { followHints } from './follow-hints.js';
import { followSyncs } from './follow-syncs.js';
import { fetchLumaPages } from './fetch-luma-pages.js';
import { getOrgsWithLumaConfig } from './get-orgs-with-luma-config.js';
import { lookAtSyncs } from './look-at-syncs.js';
import { openOrgSync } from './open-org-sync.js';
import { previewSync } from './preview-sync.js';
import { settleRemovals } from './settle-removals.js';
import { tellNeeds } from './tell-needs.js';
import { upsertEvents } from './upsert-events.js';

/** Every activity, by the name the workflows and Temporal know it by. */
export function createActivities(deps: ActivityDependencies) {
  return {
    getOrgsWithLumaConfig: getOrgsWithLumaConfig(deps),
    firstLook: firstLook(deps),
    openOrgSync: openOrgSync(deps),
    fetchLumaPages: fetchLumaPages(deps),
    upsertEvents: upsertEvents(deps),
    fetchEventDetails: fetchEventDetails(deps),
    settleRemovals: settleRemovals(deps),
    followHints: followHints(deps),
    previewSync: previewSync(deps),
    closeOrgSync: closeOrgSync(deps),
    lookAtSyncs: lookAtSyncs(),
    followSyncs: followSyncs(),
    findObstacles: findObstacles(),
    closeFullSync: closeFullSync(deps),
    tellNeeds: tellNeeds(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;

/** Those that the sync of one organization goes through. */
export type OrgSyncActivities = Pick<
  Activities,
  | 'firstLook'
  | 'openOrgSync'
  | 'fetchLumaPages'
  | 'upsertEvents'
  | 'fetchEventDetails'
  | 'settleRemovals'
  | 'followHints'
  | 'previewSync'
  | 'closeOrgSync'
>;
