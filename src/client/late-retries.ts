import {
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** Takes a call and gives no answer. */
const SILENT = {
  start: () => undefined,
  sendMessage: () => undefined,
  startRead: () => undefined,
  halfClose: () => undefined,
  cancelWithStatus: () => undefined,
  getPeer: () => '',
  getAuthContext: () => null,
};

/**
 * The SDK's own retries. They wait on timers that closing the connection does not end; one that comes later would throw
 * where nobody can catch it, and end the process. It is made to come to nothing.
 */
export function retriesUntil(isClosed: () => boolean): Interceptor[] {
  const guard: Interceptor = (options, nextCall) =>
    isClosed()
      ? (SILENT as unknown as ReturnType<Interceptor>)
      : (nextCall(options) as ReturnType<Interceptor>);
  return [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), guard];
}
