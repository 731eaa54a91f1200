import { refused, temporalError } from '../client/temporal-errors.js';
import { tlsRefused } from '../client/unreachable.js';
import type { TemporalSettings } from '../config.js';

/**
 * The error to show for what the SDK's worker threw. The native part has one error for all that can go wrong on the
 * way to the server, and its text holds the server's answer.
 */
export function workerError(thrown: unknown, { address, namespace }: TemporalSettings): Error {
  const error = temporalError(thrown, address, namespace);
  if (!(error instanceof Error)) return new Error('the worker failed without a reason');
  if (
    /authentication credentials|does not have permission|code: (PermissionDenied|Unauthenticated)/.test(
      error.message,
    )
  ) {
    return refused(address);
  }
  if (error.message.includes('PrivateKeyParseError')) return tlsRefused(address, 'PrivateKeyParseError');
  return error;
}
