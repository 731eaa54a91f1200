/** What the worker runs: the names here are the workflow types that Temporal knows. */
export { FullSyncWorkflow } from './full-sync.js';
export { NoticeWorkflow } from './notice.js';
export { OrgSyncWorkflow } from './org-sync.js';
