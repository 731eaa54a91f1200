import { isGrpcServiceError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { ORG_ID_ATTRIBUTE } from '../workflows/contract.js';

/** `unknown`: this program may not look, so nobody can say before the first sync. */
export type SearchAttributeState = 'registered' | 'missing' | 'unknown';

type AddRequest = Parameters<NativeConnection['operatorService']['addSearchAttributes']>[0];
/** temporal.api.enums.v1: IndexedValueType KEYWORD. The SDK exports no name for it. */
export const KEYWORD = 2 as unknown as NonNullable<AddRequest['searchAttributes']>[string];
const ALREADY_EXISTS = 6;

/** The command that an operator with the right to do it runs. */
export function registerCommand(namespace: string): string {
  return `temporal operator search-attribute create --namespace ${namespace} --name ${ORG_ID_ATTRIBUTE} --type Keyword`;
}

/** Registers the search attribute that syncs carry, where it is missing and this program may. */
export async function ensureSearchAttribute(
  connection: NativeConnection,
  namespace: string,
): Promise<SearchAttributeState> {
  const { operatorService } = connection;
  let known;
  try {
    known = await operatorService.listSearchAttributes({ namespace });
  } catch (error) {
    if (isGrpcServiceError(error)) return 'unknown';
    throw error;
  }
  if (ORG_ID_ATTRIBUTE in known.customAttributes) return 'registered';
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { [ORG_ID_ATTRIBUTE]: KEYWORD },
    });
    return 'registered';
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another worker may have been faster.
    return ALREADY_EXISTS === (error.code as number) ? 'registered' : 'missing';
  }
}
