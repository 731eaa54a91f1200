/**
 * An answer that is not 200, in Luma's form `{message, code}`. Thrown by whatever finds the request wanting; the server
 * turns it into the answer. Messages never carry a key.
 */
export class ApiError extends Error {
  override name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const badRequest = (message: string): ApiError => new ApiError(400, 'bad-request', message);
export const notFound = (message: string): ApiError => new ApiError(404, 'not-found', message);
