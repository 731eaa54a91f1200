import type { ObjectId } from 'mongodb';
import { z } from 'zod';
import { isObjectId } from '../mongo/object-id.js';
import type { LumaEvent } from './event.js';

const objectId = z.custom<ObjectId>(isObjectId, 'not an ObjectId');

/** An event as `findEvents` returns it, and as its document in `events` is; fields beside these are left out. */
export const eventSchema = z.object({
  orgId: z.union([z.string(), objectId]),
  lumaEventId: z.string(),
  title: z.string(),
  description: z.string().optional(),
  startAt: z.date(),
  endAt: z.date().optional(),
  timezone: z.string(),
  coverUrl: z.string().optional(),
  url: z.string(),
  location: z.string().optional(),
  city: z.string().optional(),
  country: z.string().optional(),
  coordinates: z
    .object({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) })
    .optional(),
  isVirtual: z.boolean(),
  locationKind: z.enum(['in-person', 'online', 'hybrid', 'unknown']),
  visibility: z.string(),
  platform: z.string(),
  source: z.enum(['api', 'ical']),
  hostName: z.string().optional(),
  tags: z.array(z.string()),
  revision: z.int().min(1),
  createdAt: z.date(),
  changedAt: z.date(),
  syncedAt: z.date(),
}) satisfies z.ZodType<LumaEvent>;
