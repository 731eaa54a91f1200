import { generateMersenne32Randomizer } from '@faker-js/faker';

/** A seeded source of chance: the same seed gives the same calendar on every machine. Useless for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  /** Throws for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** Letters and digits, as Luma's ids and slugs have them. */
  token(length: number, alphabet?: string): string;
}

const LETTERS_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/**
 * Faker's source of chance without faker's checks of arguments, which would take most of the time of a large calendar.
 * Each calendar has one of its own, so that adding one changes no other.
 */
export function createRandom(seed: number, calendar: number): Random {
  const randomizer = generateMersenne32Randomizer();
  randomizer.seed([seed, calendar]);
  const next = (): number => randomizer.next();
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[int(0, items.length - 1)] as T;
    },
    token: (length, alphabet = LETTERS_AND_DIGITS) =>
      Array.from({ length }, () => alphabet.charAt(int(0, alphabet.length - 1))).join(''),
  };
}
