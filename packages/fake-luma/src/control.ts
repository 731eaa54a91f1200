import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { ApiError, badRequest, notFound } from './api-error.js';
import { type FakeCalendar, UnknownEvent } from './calendar.js';
import { eventSpecSchema } from './event.js';
import { faultSchema } from './faults.js';
import { type FakeLuma, summaryOf } from './handle.js';
import { readJson } from './read-json.js';
import { webhookTroubleSchema } from './webhook-trouble.js';

export const CONTROL_PREFIX = '/_fake/';

/** Values arrive as Luma's JSON names them; the calendar's own methods check events and faults once more. */
const SCHEMAS = {
  event: eventSpecSchema,
  reschedule: eventSpecSchema.pick({ start_at: true, end_at: true }).required({ start_at: true }),
  transfer: z.strictObject({ to: z.string().optional() }),
  hide: z.strictObject({ visibility: z.string().optional() }),
  clock: z.strictObject({ advanceMs: z.number().nonnegative() }),
  calendar: z.strictObject({
    id: z.string().optional(),
    name: z.string().optional(),
    slug: z.string().optional(),
    key: z.string().regex(/^\S+$/, 'no spaces').optional(),
    events: z.union([z.number().int().nonnegative(), z.array(eventSpecSchema)]).optional(),
  }),
};

interface Call {
  fake: FakeLuma;
  /** The ids in the path, in order. */
  calendarId: string;
  itemId: string;
  params: URLSearchParams;
  body: unknown;
}

type Action = (call: Call) => unknown;

/** `:` stands for an id. */
const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['GET calendars', ({ fake }) => fake.calendars],
  ['POST calendars', ({ fake, body }) => summaryOf(fake.addCalendar(SCHEMAS.calendar.parse(body)))],
  ['GET calendars/:', (call) => summaryOf(calendarOf(call))],

  ['GET calendars/:/events', (call) => calendarOf(call).events()],
  ['POST calendars/:/events', (call) => calendarOf(call).addEvent(SCHEMAS.event.parse(call.body))],
  ['GET calendars/:/events/:', getEvent],
  [
    'PATCH calendars/:/events/:',
    (call) => calendarOf(call).editEvent(call.itemId, SCHEMAS.event.parse(call.body)),
  ],
  [
    'POST calendars/:/events/:/reschedule',
    (call) => {
      const { start_at, end_at } = SCHEMAS.reschedule.parse(call.body);
      return calendarOf(call).reschedule(call.itemId, start_at, end_at);
    },
  ],
  ['POST calendars/:/events/:/cancel', (call) => calendarOf(call).cancel(call.itemId)],
  ['POST calendars/:/events/:/transfer', transfer],
  [
    'POST calendars/:/events/:/hide',
    (call) => calendarOf(call).hide(call.itemId, SCHEMAS.hide.parse(call.body).visibility),
  ],

  ['GET calendars/:/faults', (call) => calendarOf(call).faults()],
  ['POST calendars/:/faults', (call) => ({ id: calendarOf(call).setFault(faultSchema.parse(call.body)) })],
  ['DELETE calendars/:/faults', (call) => void calendarOf(call).clearFaults()],
  ['DELETE calendars/:/faults/:', clearFault],

  ['GET calendars/:/webhooks', (call) => calendarOf(call).webhooks.list()],
  ['GET deliveries', ({ fake }) => fake.deliveries],
  ['POST webhooks', ({ fake, body }) => fake.setWebhookTrouble(webhookTroubleSchema.parse(body))],

  ['GET stats', ({ fake }) => fake.stats()],
  ['DELETE stats', ({ fake }) => fake.resetStats()],
  ['GET requests', getRequests],
  ['POST clock', ({ fake, body }) => fake.advanceTime(SCHEMAS.clock.parse(body).advanceMs)],
]);

/** Answers a request to the control endpoint: JSON in, JSON out; actions without a result answer 204. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  fake: FakeLuma,
): Promise<void> {
  let status = 200;
  let answer: unknown;
  try {
    answer = await act(request, url, fake);
    status = answer === undefined ? 204 : 200;
  } catch (error) {
    const known = asApiError(error);
    status = known.status;
    answer = { message: known.message, code: known.code };
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(answer === undefined ? undefined : JSON.stringify(answer));
}

async function act(request: IncomingMessage, url: URL, fake: FakeLuma): Promise<unknown> {
  const segments = url.pathname.slice(CONTROL_PREFIX.length).split('/').map(decodeURIComponent);
  const path = segments.map((segment, index) => (index % 2 === 1 ? ':' : segment)).join('/');
  const action = ACTIONS.get(`${request.method ?? ''} ${path}`);
  if (action === undefined) throw notFound('The control endpoint has no such route.');
  const [, calendarId = '', , itemId = ''] = segments;
  return action({ fake, calendarId, itemId, params: url.searchParams, body: await readJson(request) });
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof z.ZodError) return badRequest(z.prettifyError(error));
  if (error instanceof UnknownEvent) return notFound(error.message);
  if (error instanceof RangeError) return new ApiError(409, 'conflict', error.message);
  if (error instanceof URIError) return badRequest('The path is not encoded properly.');
  throw error;
}

function calendarOf({ fake, calendarId }: Call): FakeCalendar {
  return known(fake, calendarId);
}

function known(fake: FakeLuma, calendarId: string): FakeCalendar {
  if (!fake.calendars.some(({ id }) => id === calendarId))
    throw notFound(`There is no calendar ${calendarId}.`);
  return fake.calendar(calendarId);
}

function getEvent(call: Call): unknown {
  const event = calendarOf(call).find(call.itemId);
  if (event === undefined) throw new UnknownEvent(call.calendarId, call.itemId);
  return event;
}

function transfer(call: Call): void {
  const { to } = SCHEMAS.transfer.parse(call.body);
  calendarOf(call).transfer(call.itemId, to === undefined ? undefined : known(call.fake, to));
}

function clearFault(call: Call): void {
  if (!calendarOf(call).clearFaults(call.itemId)) throw notFound(`There is no fault ${call.itemId}.`);
}

function getRequests({ fake, params }: Call): unknown {
  const calendarId = params.get('calendar');
  return fake.requests.filter((request) => calendarId === null || request.calendarId === calendarId);
}
