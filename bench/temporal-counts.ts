import type { Client } from '@temporalio/client';

/** What a full sync and its children left in Temporal. */
export interface TemporalCounts {
  historyEvents: number;
  workflowTasks: number;
  /** What Temporal Cloud would bill: workflows, activities, markers of local activities, timers, signals. */
  actions: number;
}

/** Read off Temporal's pricing page: what one event of a history costs; the rest costs nothing. */
const ACTIONS: Readonly<Record<string, number>> = {
  workflowExecutionStartedEventAttributes: 1,
  // A child costs two, one of which its own start is.
  startChildWorkflowExecutionInitiatedEventAttributes: 1,
  activityTaskScheduledEventAttributes: 1,
  markerRecordedEventAttributes: 1,
  timerStartedEventAttributes: 1,
  workflowExecutionSignaledEventAttributes: 1,
  upsertWorkflowSearchAttributesEventAttributes: 1,
  workflowExecutionContinuedAsNewEventAttributes: 1,
};

export async function countTemporal(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<TemporalCounts> {
  const counts: TemporalCounts = { historyEvents: 0, workflowTasks: 0, actions: 0 };
  const waiting = [{ workflowId, runId }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { events = [] } = await client.workflow.getHandle(next.workflowId, next.runId).fetchHistory();
    for (const event of events ?? []) {
      counts.historyEvents++;
      if (event.workflowTaskCompletedEventAttributes) counts.workflowTasks++;
      for (const [name, cost] of Object.entries(ACTIONS)) {
        if (event[name as keyof typeof event]) counts.actions += cost;
      }
      const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
      if (child?.workflowId && child.runId)
        waiting.push({ workflowId: child.workflowId, runId: child.runId });
      const continued = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
      if (continued) waiting.push({ workflowId: next.workflowId, runId: continued });
    }
  }
  return counts;
}
