// An API of events, and their feeds, with Express and the MongoDB driver:
//
//     GET /events?org=harbour&tag=music&city=Ghent&q=jazz&from=2026-12-01T00:00Z&limit=20&cursor=…
//     GET /agenda?tz=Europe/Brussels
//     GET /feeds/events.ics, /feeds/harbour/events.json, …
//
//     MONGODB_URI=mongodb://127.0.0.1:27017/luma_sync npm start
import express, { type ErrorRequestHandler, type Request } from 'express';
import { feeds } from 'luma-sync/feeds';
import { agenda, CursorInvalid, type EventsQuery, findEvents, InvalidArgument } from 'luma-sync/read';
import { MongoClient } from 'mongodb';
import { asExpress } from './as-express.js';

const client = new MongoClient(process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/luma_sync');
const db = client.db(process.env.MONGODB_DB);

const app = express();

app.get('/events', async (request, response) => {
  response.json(await findEvents(db, queryOf(request)));
});

app.get('/agenda', async (request, response) => {
  const timeZone = one(request.query.tz);
  response.json(await agenda(db, { ...queryOf(request), ...(timeZone === undefined ? {} : { timeZone }) }));
});

app.get('/feeds/{*feed}', asExpress(feeds(db, { onError: (error) => console.error(error) })));

/** What visitors ask wrongly they are told; what goes wrong here they are not. */
const onError: ErrorRequestHandler = (error, _request, response, _next) => {
  const isTheirs = [InvalidArgument, CursorInvalid, RangeError].some((kind) => error instanceof kind);
  if (!isTheirs) console.error(error);
  response
    .status(isTheirs ? 400 : 503)
    .json({ error: isTheirs ? error.message : 'The events cannot be read now.' });
};
app.use(onError);

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/events`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => server.close(() => void client.close()));
}

/** Without `from`, what runs now and what is to come. */
function queryOf({ query }: Request): EventsQuery {
  const [from, to] = [instant(query.from), instant(query.to)];
  const [city, text, cursor, limit] = [query.city, query.q, query.cursor, query.limit].map(one);
  return {
    from: from ?? new Date(),
    includeRunning: true,
    ...(to === undefined ? {} : { to }),
    ...(query.org === undefined ? {} : { orgs: list(query.org) }),
    ...(query.tag === undefined ? {} : { tags: list(query.tag) }),
    ...(city === undefined ? {} : { city }),
    ...(text === undefined ? {} : { text }),
    ...(cursor === undefined ? {} : { cursor }),
    // More than a page shows nobody needs at once.
    limit: limit === undefined ? 20 : Math.min(Number(limit), 100),
  };
}

function one(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `?tag=a&tag=b` */
function list(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}

function instant(value: unknown): Date | undefined {
  const text = one(value);
  return text === undefined ? undefined : new Date(text);
}
