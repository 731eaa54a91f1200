/**
 * The webhooks of a calendar, at Luma. Each method makes exactly one request; requests count for the calendar's rate
 * limit.
 */
import { z } from 'zod';
import { type LumaApiOptions, requestSettings, validated } from '../api.js';
import { LumaNotFound } from '../errors.js';
import { requestJson, type RequestInput } from '../request.js';

export interface RegisteredWebhook {
  id: string;
  url: string;
  eventTypes: string[];
  status: 'active' | 'paused';
  /** What its deliveries are signed with. */
  secret: string;
}

/** Every method rejects with one of errors.ts. */
export interface LumaWebhookApi {
  list(apiKey: string): Promise<RegisteredWebhook[]>;
  create(apiKey: string, webhook: { url: string; eventTypes: readonly string[] }): Promise<RegisteredWebhook>;
  /** Its address cannot be changed. */
  update(
    apiKey: string,
    webhook: { id: string; eventTypes: readonly string[]; status: 'active' },
  ): Promise<RegisteredWebhook>;
  /** @returns false: Luma knows none of this id */
  delete(apiKey: string, id: string): Promise<boolean>;
}

const webhookSchema = z
  .looseObject({
    id: z.string().min(1).max(200),
    url: z.string().max(4_000),
    event_types: z.array(z.string().max(200)).max(200),
    status: z.string(),
    secret: z.string().min(1).max(1_000),
  })
  .transform(({ id, url, event_types, status, secret }): RegisteredWebhook => ({
    ...{ id, url, eventTypes: event_types, secret },
    status: status === 'active' ? 'active' : 'paused',
  }));

const listSchema = z.looseObject({ entries: z.array(webhookSchema).max(500) });

/** @throws TypeError when `baseUrl` cannot be one; the message does not quote it */
export function createLumaWebhookApi(options: LumaApiOptions): LumaWebhookApi {
  const settings = requestSettings(options);

  async function ask<T>(schema: z.ZodType<T>, input: RequestInput): Promise<T> {
    return validated(schema, await requestJson(settings, input), input.endpoint);
  }

  return {
    async list(apiKey) {
      const { entries } = await ask(listSchema, { apiKey, endpoint: '/v1/webhooks/list' });
      return entries;
    },
    async create(apiKey, { url, eventTypes }) {
      const body = { url, event_types: eventTypes };
      return await ask(webhookSchema, { apiKey, endpoint: '/v2/webhooks/create', body });
    },
    async update(apiKey, { id, eventTypes, status }) {
      const body = { id, event_types: eventTypes, status };
      return await ask(webhookSchema, { apiKey, endpoint: '/v2/webhooks/update', body });
    },
    async delete(apiKey, id) {
      try {
        const endpoint = '/v1/webhooks/delete';
        await ask(z.unknown(), { apiKey, endpoint, body: { id }, aboutOne: true });
        return true;
      } catch (error) {
        if (error instanceof LumaNotFound) return false;
        throw error;
      }
    },
  };
}
