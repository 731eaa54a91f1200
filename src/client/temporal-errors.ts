import {
  ApplicationFailure,
  CancelledFailure,
  isGrpcServiceError,
  NamespaceNotFoundError,
  TerminatedFailure,
  TimeoutFailure,
  type WorkflowFailedError,
} from '@temporalio/client';
import { commandLine } from '../shell.js';
import type { SyncFailure } from '../workflows/contract.js';
import { SyncFailed, TemporalUnavailable } from './errors.js';

/** The reason a workflow's failure gives, found below the wrappers that Temporal puts around it. */
export function syncFailed(error: WorkflowFailedError, workflowId: string, orgId?: string): SyncFailed {
  let found: SyncFailure = { type: 'Failed', message: 'no reason was given' };
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CancelledFailure) {
      found = { type: 'Canceled', message: 'the sync was canceled' };
    } else if (cause instanceof TerminatedFailure) {
      found = { type: 'Terminated', message: 'the sync was terminated by an operator' };
    } else if (cause instanceof TimeoutFailure) {
      found = { type: 'TimedOut', message: 'the sync took longer than it may' };
    } else if (cause instanceof ApplicationFailure) {
      // The outermost one was phrased for the reader; what is below it is how it came about.
      found = { type: cause.type ?? 'Failed', message: cause.message };
      break;
    }
  }
  return new SyncFailed(found.type, found.message, workflowId, orgId);
}

/** gRPC's status codes, as far as they are told apart here. */
export const GRPC_STATUS = {
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/**
 * The error to show for what a Temporal call threw: connecting, permission and namespace troubles become
 * {@link TemporalUnavailable}; anything else stays itself.
 */
export function temporalError(error: unknown, address: string, namespace: string): unknown {
  const { code, text } = grpcStatus(error);
  if (
    error instanceof NamespaceNotFoundError ||
    (code === GRPC_STATUS.NOT_FOUND && /Namespace .* is not found/.test(text))
  ) {
    return new TemporalUnavailable(
      address,
      `has no namespace ${namespace}`,
      `create it (${commandLine('temporal', 'operator', 'namespace', 'create', namespace)}) or set TEMPORAL_NAMESPACE`,
    );
  }
  switch (code) {
    case GRPC_STATUS.UNAVAILABLE:
    case GRPC_STATUS.DEADLINE_EXCEEDED:
      return new TemporalUnavailable(
        address,
        'does not answer',
        'set TEMPORAL_ADDRESS to a running server, or start one in the repository with: npm run dev',
        true,
      );
    case GRPC_STATUS.PERMISSION_DENIED:
    case GRPC_STATUS.UNAUTHENTICATED:
      return refused(address);
    case GRPC_STATUS.UNKNOWN:
    case GRPC_STATUS.UNIMPLEMENTED:
    case GRPC_STATUS.INTERNAL:
      return new TemporalUnavailable(
        address,
        `answers with an error (gRPC status ${code})`,
        'look at its log, and whether TEMPORAL_ADDRESS is a Temporal server',
      );
    default:
      return error;
  }
}

/** Temporal answers, and lets this program do nothing. */
export function refused(address: string): TemporalUnavailable {
  return new TemporalUnavailable(
    address,
    'refuses this program',
    'check TEMPORAL_API_KEY, the TEMPORAL_TLS_* settings and TEMPORAL_NAMESPACE',
  );
}

/** Whether the error says only that no connection came about, and not why. */
export function isConnectFailure(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Failed to connect before the deadline');
}

/** gRPC's status code of what a call threw, wherever in its causes. */
export function grpcCode(error: unknown): number | undefined {
  return grpcStatus(error).code;
}

function grpcStatus(error: unknown): { code: number | undefined; text: string } {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return { code: cause.code, text: `${cause.details}\n${cause.message}` };
    if (isConnectFailure(cause)) return { code: GRPC_STATUS.UNAVAILABLE, text: '' };
  }
  return { code: undefined, text: '' };
}
