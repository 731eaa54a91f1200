import { z } from 'zod';
import { badRequest, notFound } from './api-error.js';
import type { Asked } from './handlers.js';
import type { FakeWebhook } from './webhooks.js';
import type { Json } from './wire.js';

const types = z.array(z.string().min(1)).min(1);
const createSchema = z.object({ url: z.url({ protocol: /^https?$/ }), event_types: types });
const updateSchema = z.object({
  id: z.string(),
  event_types: types.optional(),
  status: z.enum(['active', 'paused']).optional(),
});
const idSchema = z.object({ id: z.string() });

export function listWebhooks({ calendar }: Asked): Json {
  return { entries: calendar.webhooks.list().map(webhookAnswer) };
}

export function getWebhook({ calendar, params }: Asked): Json {
  return webhookAnswer(known(calendar.webhooks.find(params.get('id') ?? '')));
}

export function createWebhook({ calendar, body }: Asked): Json {
  const { url, event_types } = read(createSchema, body);
  if (calendar.webhooks.list().some((webhook) => webhook.url === url)) {
    throw badRequest('A webhook with this URL exists already.');
  }
  return webhookAnswer(calendar.webhooks.create(url, event_types));
}

/** The URL cannot be changed. */
export function updateWebhook({ calendar, body }: Asked): Json {
  const { id, ...changes } = read(updateSchema, body);
  const webhook = known(calendar.webhooks.find(id));
  if (changes.event_types !== undefined) webhook.event_types = changes.event_types;
  if (changes.status !== undefined) webhook.status = changes.status;
  return webhookAnswer(webhook);
}

export function deleteWebhook({ calendar, body }: Asked): Json {
  const { id } = read(idSchema, body);
  known(calendar.webhooks.find(id));
  calendar.webhooks.delete(id);
  return {};
}

function known(webhook: FakeWebhook | undefined): FakeWebhook {
  if (webhook === undefined) throw notFound('Webhook not found.');
  return webhook;
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw badRequest(z.prettifyError(result.error));
}

function webhookAnswer({ created_at, ...webhook }: FakeWebhook): Json {
  return { ...webhook, created_at: created_at.toISOString() };
}
