import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** The failure a workflow ended with. Throws where it did not fail. */
export async function failureOf(handle: Pick<WorkflowHandle, 'result'>): Promise<ApplicationFailure> {
  try {
    await handle.result();
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
    throw error;
  }
  throw new Error('the workflow did not fail');
}

/** The summaries of the durable sleeps in a history, in order. */
export async function timerSummaries(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .filter((event) => event.timerStartedEventAttributes)
    .map((event) => defaultPayloadConverter.fromPayload<string>(event.userMetadata?.summary ?? {}));
}

/** All of a history that an operator could read: every string, and every payload decoded. */
export async function historyText(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<string> {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('utf8'));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(await handle.fetchHistory());
  return texts.join('\n');
}
