import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLumaApi, type LumaApi } from '../../src/luma/api.js';
import {
  LumaContractBroken,
  LumaError,
  LumaForbidden,
  LumaKeyRejected,
  LumaNotFound,
  LumaRateLimited,
  LumaUnavailable,
} from '../../src/luma/errors.js';
import { absurdServer, json, rejection, type Handler } from './support/server.js';

const KEY = 'secret-n0t-for-eyes';
const BODY_CANARY = 'body-canary-41';

type Method = 'getCalendar' | 'listEvents' | 'getEvent';
const METHODS: Method[] = ['getCalendar', 'listEvents', 'getEvent'];

function call(client: LumaApi, method: Method, signal?: AbortSignal): Promise<unknown> {
  if (method === 'getEvent') return client.getEvent(KEY, 'evt-secret-id', { signal });
  if (method === 'listEvents') return client.listEvents(KEY, { cursor: 'cursor-canary', signal });
  return client.getCalendar(KEY, { signal });
}

/** The error, after checking that it gives nothing away. */
async function failure(promise: Promise<unknown>): Promise<LumaError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(LumaError);
  const shown = [
    String(error),
    (error as Error).stack,
    JSON.stringify(error),
    inspect(error, { showHidden: true, depth: 9 }),
  ];
  expect(shown.join()).not.toMatch(new RegExp(`${KEY}|${BODY_CANARY}|cursor-canary|evt-secret-id|127.0.0.1`));
  expect(error).not.toHaveProperty('cause');
  return error as LumaError;
}

async function failureOf(handler: Handler, method: Method = 'listEvents', settings = {}): Promise<LumaError> {
  const server = await absurdServer(handler);
  const error = await failure(call(createLumaApi({ baseUrl: server.url, ...settings }), method));
  expect(server.asked).toHaveLength(1);
  return error;
}

const says = (status: number, body: unknown = { message: BODY_CANARY, code: null }): Handler => {
  return (_, response) => json(response, status, body);
};

describe.each(METHODS)('%s', (method) => {
  it.each([
    [401, LumaKeyRejected],
    [403, LumaForbidden],
    [400, LumaContractBroken],
    [418, LumaContractBroken],
    [204, LumaContractBroken],
    [408, LumaUnavailable],
    [500, LumaUnavailable],
    [503, LumaUnavailable],
    [429, LumaRateLimited],
  ])('a %i is a %o', async (status, type) => {
    const error = await failureOf(says(status), method);
    expect(error).toBeInstanceOf(type);
    expect(error.name).toBe(type.name);
    expect(error.status).toBe(status);
    expect(error.message).toContain(error.endpoint);
    expect(error.endpoint).toMatch(/^\/v1\/[a-z/]+$/);
  });

  it('HTML with 200 is a broken contract', async () => {
    const error = await failureOf(says(200, `<!doctype html><p>${BODY_CANARY}</p>`), method);
    expect(error).toBeInstanceOf(LumaContractBroken);
  });
});

/** Bodies of gateways, CDNs, portals and frameworks: not Luma's form, which is JSON with a message and a code. */
const FOREIGN_BODIES: [string, string][] = [
  ['Kong', '{"message":"no Route matched with those values"}'],
  ['AWS API Gateway', '{"message":"Forbidden"}'],
  ['Azure API Management', '{"statusCode":404,"message":"Resource not found"}'],
  ['Express', '{"name":"NotFound","message":"Not found: canceled","code":404}'],
  ['Google', '{"error":{"message":"canceled","code":null}}'],
  ['a code alone', '{"code":"not-found"}'],
  ['a message that is none', '{"message":404,"code":"not-found"}'],
  ['a list', '[{"message":"canceled","code":null}]'],
  ['Cloudflare', '<!doctype html><title>Attention Required!</title>canceled'],
  ['a text', '"Forbidden"'],
  ['an empty object', '{}'],
  ['nothing', ''],
  ['more than a line', `{"code":null,"message":"${'x'.repeat(100_000)}"}`],
];

describe.each(FOREIGN_BODIES)('an error in the form of %s', (_, body) => {
  it('is nobody’s word about an event', async () => {
    for (const status of [401, 403, 404]) {
      const error = await failureOf(says(status, body), 'getEvent');
      expect(error).toBeInstanceOf(LumaContractBroken);
      expect(error.status).toBe(status);
    }
  });

  it('is no word of Luma’s about a calendar', async () => {
    for (const status of [401, 403, 404]) {
      const method = status === 403 ? 'listEvents' : 'getCalendar';
      const error = await failureOf(says(status, body), method);
      expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'FOREIGN_ANSWER', status });
      expect(error.message).toContain('something else than Luma answered');
    }
  });
});

describe('what only a proxy says', () => {
  it('407 is unavailability', async () => {
    expect(await failureOf(says(407), 'getEvent')).toBeInstanceOf(LumaUnavailable);
  });

  it.each([400, 402, 409, 451])('a page with %i is not Luma’s', async (status) => {
    const error = await failureOf(says(status, '<h1>Not here</h1>'));
    expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'FOREIGN_ANSWER', status });
  });

  it.each([300, 304])('%i, in whatever form, is not Luma’s', async (status) => {
    expect(await failureOf(says(status), 'getCalendar')).toMatchObject({
      name: 'LumaUnavailable',
      code: 'FOREIGN_ANSWER',
      status,
    });
    expect(await failureOf(says(status), 'getEvent')).toBeInstanceOf(LumaContractBroken);
  });

  it('a Retry-After beside an outage is handed on', async () => {
    const busy = (status: number): Handler => {
      return (_, response) => json(response, status, '<h1>Sorry</h1>', { 'retry-after': '120' });
    };
    for (const status of [503, 403]) {
      const error = await failureOf(busy(status));
      expect(error).toMatchObject({ name: 'LumaUnavailable', retryAfterMs: 120_000 });
    }
  });

  it('an error page that stalls is a time limit, one that is cut off unavailability', async () => {
    const head = { 'content-type': 'application/json', 'content-length': '100' };
    const stalled = await failureOf(
      (_, response) => response.writeHead(403, head).write('{"message":'),
      'getEvent',
      { requestTimeoutMs: 150 },
    );
    expect(stalled).toMatchObject({ name: 'LumaUnavailable', code: 'TIMEOUT' });
    const cut = await failureOf((_, response) => {
      response.writeHead(404, head).write('{"message":', () => response.destroy());
    }, 'getEvent');
    expect(cut).toBeInstanceOf(LumaUnavailable);
  });
});

describe('404', () => {
  it.each([
    ['Event was canceled', 'not-found', true],
    ['This event has been Cancelled.', null, true],
    ['Not found', null, false],
  ])('on an event, with the message %j and the code %j: canceled is %s', async (message, code, canceled) => {
    const error = await failureOf(says(404, { message, code, of_the_future: 1 }), 'getEvent');
    expect(error).toBeInstanceOf(LumaNotFound);
    expect(error).toMatchObject({ canceled, status: 404 });
    expect(error.message).not.toContain(message);
  });

  it.each(['getCalendar', 'listEvents'] as const)('of Luma on %s is a broken contract', async (method) => {
    expect(await failureOf(says(404), method)).toBeInstanceOf(LumaContractBroken);
  });
});

describe('429', () => {
  it('on the first page is a pause, not an empty calendar', async () => {
    const error = await failureOf((_, response) =>
      json(response, 429, { message: 'Too many' }, { 'retry-after': '60', 'x-ratelimit-remaining': '0' }),
    );
    expect(error).toMatchObject({ pauseMs: 61_000, budget: { remaining: 0 } });
  });
});

describe('body', () => {
  it.each(['', '{"entries":[],"has_more":fal', '{"entries":[]} trailing', '\u00ff\u00fe'])(
    'the complete answer %j is a broken contract: asking again does not help',
    async (body) => expect(await failureOf(says(200, body))).toBeInstanceOf(LumaContractBroken),
  );

  it('bytes that are not UTF-8 are a broken contract', async () => {
    const error = await failureOf((_, response) =>
      response.end(Buffer.from('{"entries":["\xff"],"has_more":false}', 'latin1')),
    );
    expect(error).toBeInstanceOf(LumaContractBroken);
  });

  it('a body over the bound is given up while it arrives, without an end', async () => {
    const error = await failureOf(
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write('[' + ' '.repeat(60_000)));
        };
        response.on('drain', more);
        more();
      },
      'listEvents',
      { maxBodyBytes: 1_000_000 },
    );
    expect(error).toBeInstanceOf(LumaContractBroken);
    expect(error.message).toContain('1000000 bytes');
  });

  it('a body of exactly the bound is read', async () => {
    const body = '{"entries":[],"has_more":false}';
    const server = await absurdServer(says(200, body));
    const { value } = await createLumaApi({ baseUrl: server.url, maxBodyBytes: body.length }).listEvents(KEY);
    expect(value.hasMore).toBe(false);
  });

  it('a body shorter than its content-length is unavailability: asking again helps', async () => {
    const error = await failureOf((_, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"entries":[],"has_more":false}', () => response.destroy());
    });
    expect(error).toBeInstanceOf(LumaUnavailable);
  });

  it('a chunked body that breaks off is unavailability', async () => {
    const error = await failureOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"entries":[],"has_more":false}', () => response.destroy());
    });
    expect(error).toBeInstanceOf(LumaUnavailable);
  });
});

describe('connection', () => {
  it('a reset before the headers is unavailability with a code', async () => {
    const error = await failureOf((_, response) => response.socket?.resetAndDestroy());
    expect(error).toBeInstanceOf(LumaUnavailable);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('a port where nobody listens is unavailability with a code', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(call(createLumaApi({ baseUrl: `http://127.0.0.1:${port}` }), 'listEvents'));
    expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'ECONNREFUSED' });
  });

  it('a host that does not exist is unavailability', async () => {
    const error = await failure(call(createLumaApi({ baseUrl: 'https://luma.invalid' }), 'listEvents'));
    expect(error).toBeInstanceOf(LumaUnavailable);
    expect(error.message).toContain('DNS: the name of the host cannot be resolved');
    expect(error.message).not.toContain('luma.invalid');
  });
});

describe('redirect', () => {
  it.each([301, 302, 303, 307, 308])('%i is not followed: the key stays here', async (status) => {
    const elsewhere = await absurdServer(says(200, { entries: [], has_more: false }));
    const error = await failureOf((_, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/v1/calendars/events/list` });
      response.end();
    });
    expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'FOREIGN_ANSWER', status });
    expect(elsewhere.asked).toHaveLength(0);
  });
});

describe('time limit', () => {
  const settings = { requestTimeoutMs: 150 };

  it('covers the wait for headers', async () => {
    const error = await failureOf(() => undefined, 'listEvents', settings);
    expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'TIMEOUT' });
  });

  it('covers a body that never ends, dripping', async () => {
    const error = await failureOf(
      (_, response) => {
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drip));
      },
      'listEvents',
      settings,
    );
    expect(error).toMatchObject({ name: 'LumaUnavailable', code: 'TIMEOUT' });
  });
});

describe('cancellation', () => {
  it.each(['headers', 'body'])(
    'during the wait for the %s rejects with the signal’s own reason',
    async (phase) => {
      const controller = new AbortController();
      const reason = new Error('the caller has gone');
      const server = await absurdServer((_, response) => {
        if (phase === 'body') response.write('{"entries":');
        setImmediate(() => controller.abort(reason));
      });
      const client = createLumaApi({ baseUrl: server.url });
      expect(await rejection(call(client, 'listEvents', controller.signal))).toBe(reason);
    },
  );

  it('without a reason is an AbortError', async () => {
    const controller = new AbortController();
    const server = await absurdServer(() => controller.abort());
    const error = await rejection(
      call(createLumaApi({ baseUrl: server.url }), 'getCalendar', controller.signal),
    );
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(error).not.toBeInstanceOf(LumaError);
  });

  it('before the call makes no request', async () => {
    const server = await absurdServer(says(200));
    const error = await rejection(
      call(createLumaApi({ baseUrl: server.url }), 'getCalendar', AbortSignal.abort()),
    );
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(server.asked).toHaveLength(0);
  });
});

describe('a key that cannot be one', () => {
  it.each(['', 'line\nbreak', 'tab\tbed', 'blank inside', 'ключ', 'nul\0', 'k'.repeat(5000)])(
    '(number %#) is rejected without a request and without being quoted',
    async (key) => {
      const server = await absurdServer(says(200));
      const error = await rejection(createLumaApi({ baseUrl: server.url }).getCalendar(key));
      expect(error).toBeInstanceOf(LumaKeyRejected);
      expect(error).toMatchObject({ status: undefined });
      if (key !== '') expect(inspect(error, { showHidden: true })).not.toContain(key);
      expect(server.asked).toHaveLength(0);
    },
  );
});
