import { base, en, Faker } from '@faker-js/faker';

/** What generated calendars and events talk about. Drawn once for a seed: a large calendar is generated from it quickly. */
export interface Vocabulary {
  calendarNames: readonly string[];
  topics: readonly { tag: string; subjects: readonly string[] }[];
  sentences: readonly string[];
  people: readonly { first: string; last: string; email: string }[];
  organizers: readonly string[];
  venues: readonly { name: string; street: string }[];
}

const SUBJECTS: Readonly<Record<string, (faker: Faker) => string>> = {
  AI: ({ company }) => company.catchPhrase(),
  Books: ({ book }) => book.title(),
  Chemistry: ({ science }) => `The Uses of ${science.chemicalElement().name}`,
  Cooking: ({ food }) => food.dish(),
  Film: ({ person }) => `A Life in Film: ${person.fullName()}`,
  Founders: ({ company }) => `How to ${company.buzzPhrase()}`,
  Music: ({ music }) => `${music.genre()} Night: ${music.songName()}`,
  Nature: ({ animal }) => `In Search of the ${animal.bird()}`,
};

/** The same for the same seed and the same version of faker. */
export function drawVocabulary(seed: number): Vocabulary {
  const faker = new Faker({ locale: [en, base], seed });
  const { company, helpers, internet, location, lorem, person } = faker;
  return {
    calendarNames: helpers.uniqueArray(() => company.name(), 20).map(withMoreThanLatin),
    topics: Object.entries(SUBJECTS).map(([tag, draw]) => ({
      tag,
      subjects: helpers.multiple(() => draw(faker), { count: 12 }),
    })),
    sentences: helpers.multiple(() => lorem.sentence({ min: 4, max: 16 }), { count: 100 }),
    people: helpers.multiple(
      () => {
        const [firstName, lastName] = [person.firstName(), person.lastName()];
        const email = internet.email({ firstName, lastName, provider: 'mail.example' });
        return { first: firstName, last: lastName, email };
      },
      { count: 40 },
    ),
    organizers: helpers.multiple(() => company.name(), { count: 10 }),
    venues: helpers.multiple(() => ({ name: company.name(), street: location.streetAddress() }), {
      count: 40,
    }),
  };
}

/** Every fifth has an emoji and letters that run from right to left. */
function withMoreThanLatin(name: string, index: number): string {
  return index % 5 === 3 ? `${name} ☕ مجتمع` : name;
}

export const FORMATS: readonly string[] = ['Meetup', 'Workshop', 'Open House', 'Salon', 'Office Hours'];

/** Titles that break naive code: right to left, joined emoji, no spaces, quotes, markup, combining marks. */
export const WORLD_TITLES: readonly string[] = [
  'أمسية الشعر والموسيقى',
  'מפגש מייסדים: שאלות ותשובות',
  '👩‍💻👨🏽‍🔬 Build Night: bring your laptop 🛠️',
  '東京プロダクト朝会',
  'Tấm lòng & trà: a tea evening',
  '🇳🇵 Dashain dinner – दशैं भोज',
  'Hack “the” Planet <v2> & beyond',
  'Soirée “Éclairs à volonté” 🍰',
  'Лекция: история карт',
  'שלום world مرحبا – three scripts, one table',
];
