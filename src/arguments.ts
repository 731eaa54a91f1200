import { parseWebUrl } from './parse-url.js';

/** An argument is not of the kind that a function takes. Says which, and never its value. */
export class InvalidArgument extends TypeError {
  override readonly name = 'InvalidArgument';
}

/** A workflow id may have 1,000 bytes, and a character up to three. */
const MAX_ID_LENGTH = 300;

/**
 * Checks of what callers pass. TypeScript's types say nothing to a program in JavaScript, and an object where a text is
 * meant could become a filter.
 */
export function checkId(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_ID_LENGTH) {
    throw new InvalidArgument(`${name} must be a string of 1 to ${MAX_ID_LENGTH} characters`);
  }
}

export function checkOptionalId(value: unknown, name: string): asserts value is string | undefined {
  if (value !== undefined) checkId(value, name);
}

export function checkText(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || value === '')
    throw new InvalidArgument(`${name} must be a string that is not empty`);
}

export function checkTextOrNull(value: unknown, name: string): asserts value is string | null {
  if (value !== null && typeof value !== 'string')
    throw new InvalidArgument(`${name} must be a string or null`);
}

export function checkInstant(value: unknown, name: string): asserts value is Date | undefined {
  if (value === undefined) return;
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw new InvalidArgument(`${name} must be a valid Date`);
  }
}

export function checkYesOrNo(value: unknown, name: string): asserts value is boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new InvalidArgument(`${name} must be true or false`);
  }
}

/** @throws RangeError */
export function checkLimit(value: unknown, max: number): asserts value is number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`limit is a whole number from 1 to ${max}`);
  }
}

/** Ids of events, or `all`. */
export function checkIdsOrAll(value: unknown, name: string): asserts value is readonly string[] | 'all' {
  if (value === 'all') return;
  if (!Array.isArray(value)) throw new InvalidArgument(`${name} must be a list of ids, or 'all'`);
  for (const id of value as unknown[]) checkId(id, `each of ${name}`);
}

/** An object with none but these fields: a mistyped one would be left out in silence, and more would be meant. */
export function checkFields(value: unknown, name: string, fields: readonly string[]): void {
  checkObject(value, name);
  const unknown = Object.keys(value).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    throw new InvalidArgument(
      `${name} has no field ${JSON.stringify(unknown.slice(0, 40))} (known: ${fields.join(', ')})`,
    );
  }
}

export function checkObject(value: unknown, name: string): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgument(`${name} must be an object`);
  }
}

export function checkWebAddress(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || parseWebUrl(value) === undefined) {
    throw new InvalidArgument(`${name} must be an address that begins with https:// or http://`);
  }
}
