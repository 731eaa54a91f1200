/**
 * From an entry as Luma sends it to an event as the rest of this project knows it. Pure; never throws.
 *
 * A value means that it is so, `null` that Luma says there is none; a field that Luma does not mention is not
 * mentioned here either. An empty text says what `null` says: of a field that every event has, nothing. Meeting links,
 * hosts, e-mail addresses and questions are not taken over.
 *
 * Lengths are looked at before patterns, and every pattern is linear: an entry may be as large as an answer.
 */
import type { EntryProblem, ObservedEvent, ObservedFields, QuarantinedEntry } from '../events/event.js';
import { holdsLinkOrMail } from './contact.js';
import { isObject, viewEntry, type EntryView } from './entry.js';
import { LIMITS } from './limits.js';
import { observeLocation } from './location.js';
import { findStructuralProblems, quarantine } from './quarantined-entry.js';
import { filledString, isLongerThan, isNothing, wellFormed } from './text.js';
import { addDuration, parseInstant } from './time.js';
import { ianaTimezone } from './timezone.js';
import { imageAddress, webAddress } from './url.js';

export type MappedEntry = { event: ObservedEvent } | { quarantined: QuarantinedEntry };

/**
 * One entry of a list, or the answer to a question about one event: the same fields, with a description and without
 * tags.
 */
export function mapEntry(entry: unknown): MappedEntry {
  if (!isObject(entry))
    return { quarantined: quarantine(entry, null, [{ path: '', problem: 'not-an-object' }]) };
  const view = viewEntry(entry);
  const problems = findStructuralProblems(entry);
  const report = (path: string, problem: string) => void problems.push({ path, problem });

  const id = readId(view, report);
  const fields: ObservedFields = {
    ...readTexts(view, report),
    ...readTimes(view, report),
    ...readTimezone(view, report),
    ...readUrls(view, id, report),
    ...readLocation(view, report),
    ...readTags(view, report),
  };
  if (id === null || problems.length > 0) return { quarantined: quarantine(entry, id, problems) };

  const managed = readManaged(view);
  return { event: { lumaEventId: id, ...(managed === undefined ? {} : { managed }), fields } };
}

export type Report = (path: string, problem: EntryProblem['problem']) => void;

function readId(view: EntryView, report: Report): string | null {
  const { id } = view;
  if (id === undefined || isNothing(id)) report('id', 'missing');
  else if (typeof id === 'string' && /^[A-Za-z0-9_-]{1,128}$/.test(id)) return id;
  else report('id', 'not-an-id');
  return null;
}

/** `undefined`: the entry does not say, as before the field was there. */
function readManaged(view: EntryView): boolean | undefined {
  if (view.platform !== 'luma') return false;
  const access = filledString(view.read('access'));
  if (access === 'manage') return true;
  return access === 'view' ? false : undefined;
}

function readTexts(view: EntryView, report: Report): ObservedFields {
  const fields: ObservedFields = {};

  const title = requiredText(view, 'name', LIMITS.title, report);
  if (title !== undefined) fields.title = title;

  const [markdown, plain] = [view.read('description_md'), view.read('description')];
  const name = filledString(markdown) === undefined ? 'description' : 'description_md';
  const description = filledString(view.read(name));
  if (description !== undefined) {
    fields.description = checkedText(view.read(name) as string, name, LIMITS.description, report);
  } else if (isNothing(markdown) || isNothing(plain)) {
    fields.description = null;
  }

  const { platform } = view;
  if (typeof platform === 'string') fields.platform = checkedText(platform, 'platform', LIMITS.word, report);
  else report('platform', 'not-a-string');

  if (platform === 'external') {
    fields.visibility = 'public';
    const hostName = readHostName(view, report);
    if (hostName !== undefined) fields.hostName = hostName;
  } else {
    const visibility = requiredText(view, 'visibility', LIMITS.word, report)?.trim();
    if (visibility !== undefined) fields.visibility = visibility;
  }
  return fields;
}

/** Some organizers are known by an address only, and that is a person's. */
function readHostName(view: EntryView, report: Report): string | null | undefined {
  const host = view.read('host');
  const name = filledString(host);
  if (name === undefined) return isNothing(host) ? null : undefined;
  const checked = checkedText(name, 'host', LIMITS.hostName, report);
  return holdsLinkOrMail(checked) ? null : checked;
}

function readTimes(view: EntryView, report: Report): ObservedFields {
  const start = view.read('start_at');
  const startAt = parseInstant(start);
  if ('problem' in startAt) {
    report('start_at', start === undefined || isNothing(start) ? 'missing' : startAt.problem);
    return {};
  }
  const fields: ObservedFields = { startAt: startAt.date };

  const end = view.read('end_at');
  if (isNothing(end)) {
    fields.endAt = null;
  } else if (end === undefined) {
    const computed = addDuration(startAt.date, view.read('duration_interval'));
    if (computed) fields.endAt = computed;
  } else {
    const endAt = parseInstant(end);
    if ('problem' in endAt) report('end_at', endAt.problem);
    else if (endAt.date < startAt.date) report('end_at', 'ends-before-start');
    else fields.endAt = endAt.date;
  }
  return fields;
}

function readTimezone(view: EntryView, report: Report): ObservedFields {
  const value = view.read('timezone');
  if (isNothing(value) || value === undefined) return {};
  const timezone = typeof value === 'string' ? ianaTimezone(value) : undefined;
  if (timezone !== undefined) return { timezone };
  report('timezone', 'unknown-time-zone');
  return {};
}

function readUrls(view: EntryView, id: string | null, report: Report): ObservedFields {
  const isExternal = view.platform === 'external';
  const url = readUrl(view.read('url'), isExternal, report);
  // An address of Luma's own event that always works.
  const address = url === null && !isExternal && id !== null ? `https://luma.com/event/${id}` : url;
  if (address === null) report('url', 'not-a-url');
  const coverUrl = readCoverUrl(view.read('cover_url'), report);
  return {
    ...(typeof address === 'string' ? { url: address } : {}),
    ...(coverUrl === undefined ? {} : { coverUrl }),
  };
}

/** `null`: what is said is no address. `undefined`: nothing is said, or too much to look into. */
function readUrl(value: unknown, isExternal: boolean, report: Report): string | null | undefined {
  if (value === undefined || isNothing(value)) return undefined;
  const text = boundedAddress(filledString(value), 'url', report);
  if (text === undefined) return typeof value === 'string' ? undefined : null;
  // A bare word is a slug of Luma's own events only.
  if (isExternal && /^[\w-]+$/.test(text)) return null;
  const url = webAddress(text);
  return url === undefined ? null : boundedAddress(url, 'url', report);
}

function readCoverUrl(value: unknown, report: Report): string | null | undefined {
  if (isNothing(value)) return null;
  const text = boundedAddress(filledString(value), 'cover_url', report);
  return text === undefined ? undefined : boundedAddress(imageAddress(text), 'cover_url', report);
}

export function boundedAddress(text: string | undefined, path: string, report: Report): string | undefined {
  if (text === undefined || !isLongerThan(text, LIMITS.address)) return text;
  report(path, 'too-long');
  return undefined;
}

const PLACE_TEXTS = ['location', 'city', 'country'] as const;

function readLocation(view: EntryView, report: Report): ObservedFields {
  const observed = observeLocation(view);
  const texts = PLACE_TEXTS.flatMap((name) => {
    const text = observed[name];
    if (typeof text !== 'string') return [];
    return [[name, checkedText(text, 'geo_address_json', LIMITS.location, report)] as const];
  });
  return { ...observed, ...Object.fromEntries(texts) };
}

function readTags(view: EntryView, report: Report): ObservedFields {
  const value = view.read('tags');
  if (value === undefined) return {};
  if (isNothing(value)) return { tags: [] };
  if (!Array.isArray(value)) report('tags', 'not-a-list');
  else if (value.length > LIMITS.tags) report('tags', 'too-many');
  else {
    const names = value.map((tag: unknown, index) => {
      const name = isObject(tag) ? tag.name : tag;
      if (isNothing(name)) return '';
      if (typeof name === 'string') return checkedText(name.trim(), `tags.${index}.name`, LIMITS.tag, report);
      report(`tags.${index}.name`, 'not-a-string');
      return '';
    });
    return { tags: [...new Set(names)].filter((name) => name !== '') };
  }
  return {};
}

/** A text that every event has, so that `null` and an empty one can only mean that it is not told. */
function requiredText(view: EntryView, name: string, maxLength: number, report: Report): string | undefined {
  const value = view.read(name);
  if (value === undefined || isNothing(value)) return undefined;
  if (typeof value === 'string') return checkedText(value, name, maxLength, report);
  report(name, 'not-a-string');
  return undefined;
}

/** @returns an empty text in place of one that was reported: nobody looks into it */
export function checkedText(text: string, path: string, maxLength: number, report: Report): string {
  const problem = isLongerThan(text, maxLength) ? 'too-long' : text.includes('\0') ? 'holds-nul' : null;
  if (problem === null) return wellFormed(text);
  report(path, problem);
  return '';
}
