import type { EventChanges, FakeEvent } from './event.js';
import { type EventKind, type GenerationContext, generateEvent, PLAIN_KIND, plainText } from './generate.js';
import { HOUR_MS } from './local-time.js';
import { meetingLink } from './venue.js';

/**
 * A whole event from what a caller said about it. Unsaid, it is public, on site, approved and managed here. Fields that
 * hang together follow the ones that were said: an online `location_type` brings a link and no address, a start without
 * an end makes a two-hour event.
 */
export function completeEvent(spec: EventChanges, context: GenerationContext): FakeEvent {
  const kind: EventKind = {
    ...PLAIN_KIND,
    ...(spec.platform === 'external' && { platform: 'external' as const }),
    ...(spec.access === 'view' && { access: 'view' as const }),
  };
  const generated = generateEvent(kind, 0, context);
  const online = spec.location_type !== undefined && spec.location_type !== 'offline';
  const noPlace = { geo_address_json: null, coordinate: null };
  const base: FakeEvent = {
    ...generated,
    created_at: context.now,
    end_at: new Date(generated.start_at.getTime() + 2 * HOUR_MS),
    ...(online && noPlace),
    ...(online &&
      spec.location_type !== 'missing' && {
        meeting_url: meetingLink(spec.location_type ?? 'unknown', context.random),
      }),
  };
  return changeEvent(base, spec);
}

/** The event with the changes, and with what follows from them. */
export function changeEvent(event: FakeEvent, changes: EventChanges): FakeEvent {
  const said = Object.fromEntries(
    Object.entries<unknown>(changes).filter(([, value]) => value !== undefined),
  );
  const next: FakeEvent = { ...event, ...said };
  if (changes.start_at !== undefined && changes.end_at === undefined) {
    const lengthMs = event.end_at.getTime() - event.start_at.getTime();
    next.end_at = new Date(changes.start_at.getTime() + lengthMs);
  }
  if (changes.description_md !== undefined && changes.description === undefined) {
    next.description = plainText(changes.description_md);
  }
  if (changes.description !== undefined && changes.description_md === undefined) {
    next.description_md = changes.description;
  }
  if (changes.geo_address_json !== undefined && changes.coordinate === undefined) next.coordinate = null;
  return next;
}
