import type { RequestHandler } from 'express';

/** A web-standard handler, from `Request` to `Response`, as one of Express. For requests without a body. */
export function asExpress(handler: (request: Request) => Promise<Response>): RequestHandler {
  return async (request, response) => {
    const url = new URL(request.originalUrl, `${request.protocol}://${request.host}`);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      for (const one of [value ?? []].flat()) headers.append(name, one);
    }
    const answer = await handler(new Request(url, { method: request.method, headers }));
    response.status(answer.status);
    response.setHeaders(answer.headers);
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
}
