import type { TellNeedsOutput } from '../activities/tell-needs.js';
import { notices } from './activities.js';
import type { NoticeInput } from './contract.js';
import { checkInput, organizationId } from './input.js';

/**
 * Tells people that an organization needs one of them, or no longer does. Apart from the sync, which ends whether or not
 * somebody takes the notice: tried for a day, and after that with the next sync.
 */
export async function NoticeWorkflow(input: NoticeInput): Promise<TellNeedsOutput> {
  checkInput(input, { orgId: organizationId });
  return await notices.tellNeeds.executeWithOptions({ summary: 'what has changed' }, [
    { orgId: input.orgId },
  ]);
}
