import { isGrpcServiceError } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { TemporalUnavailable } from '../client/errors.js';
import { registerCommand, retypeCommand } from '../client/search-attribute-commands.js';
import { ORG_ID_ATTRIBUTE } from '../workflows/contract.js';

type AddRequest = Parameters<NativeConnection['operatorService']['addSearchAttributes']>[0];
/** temporal.api.enums.v1: IndexedValueType KEYWORD. The SDK exports no name for it. */
export const KEYWORD = 2 as unknown as NonNullable<AddRequest['searchAttributes']>[string];
/** The others of that enumeration, by number. */
const TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];
const ALREADY_EXISTS = 6;
const UNAVAILABLE = 14;

/**
 * Sees to it that the search attribute which syncs carry is there: a sync that sets an unknown one, or one of another
 * type, would hang in its first task. Registers it where it is missing and this program may.
 *
 * @returns false where this program may not look, so that nobody can say before the first sync
 * @throws TemporalUnavailable with the command that mends it
 */
export async function ensureSearchAttribute(
  connection: NativeConnection,
  { address, namespace }: { address: string; namespace: string },
): Promise<boolean> {
  const { operatorService } = connection;
  const registered = async (): Promise<number | undefined> => {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return customAttributes[ORG_ID_ATTRIBUTE];
  };
  let type;
  try {
    type = await registered();
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) !== UNAVAILABLE) return false;
    throw error;
  }
  if (type === undefined) {
    try {
      await operatorService.addSearchAttributes({
        namespace,
        searchAttributes: { [ORG_ID_ATTRIBUTE]: KEYWORD },
      });
      return true;
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      // Another worker may have been faster.
      if ((error.code as number) === ALREADY_EXISTS) type = await registered();
    }
  }
  if (type === undefined) {
    throw new TemporalUnavailable(
      address,
      `lacks the search attribute ${ORG_ID_ATTRIBUTE} in namespace ${namespace}, and this worker may not add it`,
      `have an operator run: ${registerCommand(namespace)}`,
    );
  }
  if (type !== (KEYWORD as number)) {
    throw new TemporalUnavailable(
      address,
      `has the search attribute ${ORG_ID_ATTRIBUTE} in namespace ${namespace} as ${TYPES[type] ?? 'another type'}, and syncs need Keyword`,
      `have an operator run: ${retypeCommand(namespace)}`,
    );
  }
  return true;
}
