import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { ORG_ID_ATTRIBUTE } from './contract.js';

/** Names the organization on each of its syncs. */
export const orgIdKey = defineSearchAttributeKey(ORG_ID_ATTRIBUTE, SearchAttributeType.KEYWORD);
