import { isGrpcServiceError, type OperatorService } from '@temporalio/client';
import { ORG_ID_ATTRIBUTE } from '../workflows/contract.js';
import { TemporalUnavailable } from './errors.js';
import { registerCommand, retypeCommand } from './search-attribute-commands.js';

type AddRequest = Parameters<OperatorService['addSearchAttributes']>[0];
/** temporal.api.enums.v1: IndexedValueType KEYWORD. The SDK exports no name for it. */
export const KEYWORD = 2 as unknown as NonNullable<AddRequest['searchAttributes']>[string];
/** The others of that enumeration, by number. */
const TYPES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];
const ALREADY_EXISTS = 6;
const UNAVAILABLE = 14;

/** A client's connection, or a worker's. */
export interface OperatorConnection {
  readonly operatorService: OperatorService;
}

/** What is known of the search attribute in a namespace; `unknown`: this program may not look. */
export type SearchAttributeState = 'registered' | 'missing' | 'unknown' | { otherType: string };

/** @throws the SDK's error where Temporal does not answer */
export async function searchAttributeState(
  { operatorService }: OperatorConnection,
  namespace: string,
): Promise<SearchAttributeState> {
  let type: number | undefined;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    type = customAttributes[ORG_ID_ATTRIBUTE];
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) !== UNAVAILABLE) return 'unknown';
    throw error;
  }
  if (type === undefined) return 'missing';
  return type === (KEYWORD as number) ? 'registered' : { otherType: TYPES[type] ?? 'another type' };
}

/**
 * Sees to it that the search attribute which syncs carry is there: a sync that sets an unknown one, or one of another
 * type, would hang in its first task. Registers it where it is missing and this program may.
 *
 * @returns false where this program may not look, so that nobody can say before the first sync
 * @throws TemporalUnavailable with the command that mends it
 */
export async function ensureSearchAttribute(
  connection: OperatorConnection,
  { address, namespace }: { address: string; namespace: string },
): Promise<boolean> {
  let state = await searchAttributeState(connection, namespace);
  if (state === 'missing' && (await register(connection, namespace))) {
    // Another worker may have been faster, with any type.
    const now = await searchAttributeState(connection, namespace);
    // The server tells of a new one after a moment.
    state = now === 'missing' ? 'registered' : now;
  }
  if (state === 'missing') {
    throw new TemporalUnavailable(
      address,
      `lacks the search attribute ${ORG_ID_ATTRIBUTE} in namespace ${namespace}, and this program may not add it`,
      `have an operator run: ${registerCommand(namespace)}`,
    );
  }
  if (typeof state === 'object') throw retypeNeeded(state.otherType, { address, namespace });
  return state === 'registered';
}

/** For one of another type. */
export function retypeNeeded(
  type: string,
  { address, namespace }: { address: string; namespace: string },
): TemporalUnavailable {
  return new TemporalUnavailable(
    address,
    `has the search attribute ${ORG_ID_ATTRIBUTE} in namespace ${namespace} as ${type}, and syncs need Keyword`,
    `have an operator run: ${retypeCommand(namespace)}`,
  );
}

/** @returns whether it is there now */
async function register({ operatorService }: OperatorConnection, namespace: string): Promise<boolean> {
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { [ORG_ID_ATTRIBUTE]: KEYWORD },
    });
    return true;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    return (error.code as number) === ALREADY_EXISTS;
  }
}
