/**
 * From an entry as Luma sends it to an event as the rest of this project knows it. Pure; never throws.
 *
 * A value means that it is so, `null` that Luma says there is none; a field that Luma does not mention is not
 * mentioned here either. Meeting links, hosts, e-mail addresses, questions and coordinates are not taken over.
 */
import type { EntryProblem, ObservedEvent, ObservedFields, QuarantinedEntry } from '../events/event.js';
import { filledString, isObject, viewEntry, type EntryView } from './entry.js';
import { observeLocation } from './location.js';
import { forbiddenKeys, quarantine, wellFormed } from './quarantine.js';
import { addDuration, parseInstant } from './time.js';
import { ianaTimezone } from './timezone.js';
import { webAddress } from './url.js';

export type MappedEntry = { event: ObservedEvent } | { quarantined: QuarantinedEntry };

const LIMITS = { title: 500, description: 200_000, address: 4_000, location: 1_000, name: 200, word: 100 };
const TAG_LIMIT = 100;

/** One entry of a list, in either shape. */
export function mapEntry(entry: unknown): MappedEntry {
  if (!isObject(entry))
    return { quarantined: quarantine(entry, null, [{ path: '', problem: 'not-an-object' }]) };
  const view = viewEntry(entry);
  const problems = forbiddenKeys(entry);
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

/** The answer to a question about one event: the same fields, with a description and without tags. */
export function mapEvent(raw: unknown): MappedEntry {
  return mapEntry(raw);
}

type Report = (path: string, problem: EntryProblem['problem']) => void;

function readId(view: EntryView, report: Report): string | null {
  const { id } = view;
  if (id === undefined || id === null || id === '') report('id', 'missing');
  else if (typeof id === 'string' && /^[A-Za-z0-9_-]{1,128}$/.test(id)) return id;
  else report('id', 'not-an-id');
  return null;
}

/** `undefined`: the entry does not say, as before the field was there. */
function readManaged(view: EntryView): boolean | undefined {
  if (view.platform !== 'luma') return false;
  const access = view.read('access');
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

  const platform = typeof view.platform === 'string' ? view.platform : undefined;
  if (platform === undefined) report('platform', 'not-a-string');
  else fields.platform = checkedText(platform, 'platform', LIMITS.word, report);

  if (platform === 'external') {
    fields.visibility = 'public';
    const host = view.read('host');
    const hostName = filledString(host);
    // Some organizers are known by an address only, and that is a person's.
    if (isNothing(host) || (hostName !== undefined && /\S@\S+\.\S/.test(hostName))) fields.hostName = null;
    else if (hostName !== undefined) fields.hostName = checkedText(hostName, 'host', LIMITS.title, report);
  } else {
    const visibility = requiredText(view, 'visibility', LIMITS.word, report);
    if (visibility !== undefined) fields.visibility = visibility;
  }
  return fields;
}

function readTimes(view: EntryView, report: Report): ObservedFields {
  const start = view.read('start_at');
  const startAt = parseInstant(start);
  if ('problem' in startAt) {
    report('start_at', start === undefined || start === null ? 'missing' : startAt.problem);
    return {};
  }
  const fields: ObservedFields = { startAt: startAt.date };

  const end = view.read('end_at');
  if (end === null) {
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
  const fields: ObservedFields = {};

  const raw = view.read('url');
  if (raw !== undefined && raw !== null) {
    const isExternal = view.platform === 'external';
    // A bare word is a slug of Luma's own events only.
    const isAddress = typeof raw === 'string' && !(isExternal && /^[\w-]+$/.test(raw.trim()));
    const url =
      (isAddress ? webAddress(raw) : undefined) ??
      (isExternal || id === null ? undefined : `https://luma.com/event/${id}`);
    if (url !== undefined) fields.url = checkedText(url, 'url', LIMITS.address, report);
    else report('url', 'not-a-url');
  }

  const cover = view.read('cover_url');
  const coverUrl = filledString(cover);
  if (cover === null) fields.coverUrl = null;
  else if (coverUrl !== undefined && /^https?:\/\/./i.test(coverUrl) && URL.canParse(coverUrl)) {
    fields.coverUrl = checkedText(coverUrl, 'cover_url', LIMITS.address, report);
  }
  return fields;
}

function readLocation(view: EntryView, report: Report): ObservedFields {
  const { location, ...kind } = observeLocation(view);
  if (location === undefined || location === null) return location === null ? { ...kind, location } : kind;
  return { ...kind, location: checkedText(location, 'geo_address_json', LIMITS.location, report) };
}

function readTags(view: EntryView, report: Report): ObservedFields {
  const value = view.read('tags');
  if (value === undefined) return {};
  if (value === null) return { tags: [] };
  if (!Array.isArray(value)) report('tags', 'not-a-list');
  else if (value.length > TAG_LIMIT) report('tags', 'too-many');
  else {
    const names = value.map((tag: unknown, index) => {
      const name = isObject(tag) ? tag.name : tag;
      if (typeof name === 'string')
        return checkedText(name.trim(), `tags.${index}.name`, LIMITS.name, report);
      report(`tags.${index}.name`, 'not-a-string');
      return '';
    });
    return { tags: [...new Set(names)].filter((name) => name !== '') };
  }
  return {};
}

/** A text that every event has, so that `null` can only mean that it is not told. */
function requiredText(view: EntryView, name: string, maxLength: number, report: Report): string | undefined {
  const value = view.read(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return checkedText(value, name, maxLength, report);
  report(name, 'not-a-string');
  return undefined;
}

function checkedText(text: string, path: string, maxLength: number, report: Report): string {
  if (text.length > maxLength) report(path, 'too-long');
  else if (text.includes('\0')) report(path, 'holds-nul');
  return wellFormed(text);
}

/** Luma says that there is none. */
function isNothing(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}
