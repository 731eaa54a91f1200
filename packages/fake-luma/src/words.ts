/** What generated calendars and events talk about. */

export const CALENDAR_NAMES: readonly string[] = [
  'Harbour Makers Guild',
  'Open Climate Circle',
  'Northside Founders',
  'Café Compiler ☕',
  'The Slow Reading Club',
  'Robotics & Friends',
  'Quiet Data Society',
  'مجتمع المصممين',
  'City Gardeners Assembly',
  'Night Shift Musicians',
];

export interface Topic {
  tag: string;
  subjects: readonly string[];
}

export const TOPICS: readonly Topic[] = [
  {
    tag: 'AI',
    subjects: ['Evaluating Language Models', 'Small Models on Small Machines', 'Alignment Reading Group'],
  },
  { tag: 'Climate', subjects: ['Heat Pumps for Renters', 'Measuring Methane', 'Rewilding the Riverbank'] },
  { tag: 'Design', subjects: ['Type Crit', 'Maps That Tell the Truth', 'Drawing from Life'] },
  {
    tag: 'Engineering',
    subjects: ['Postmortems over Pizza', 'Durable Workflows', 'Reading Other People’s Code'],
  },
  { tag: 'Founders', subjects: ['First Ten Customers', 'Co-founder Speed Talks', 'Pricing Clinic'] },
  { tag: 'Food', subjects: ['Sourdough for Beginners', 'Supper with Strangers', 'Fermentation Lab'] },
  { tag: 'Music', subjects: ['Modular Synth Jam', 'Listening Session', 'Choir for People Who Cannot Sing'] },
  { tag: 'Science', subjects: ['Protein Folding Hack Night', 'Telescope Evening', 'Journal Club'] },
];

export const FORMATS: readonly string[] = [
  'Meetup',
  'Workshop',
  'Open House',
  'Salon',
  'Office Hours',
  'Breakfast',
];

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

export const SENTENCES: readonly string[] = [
  'Doors open a quarter of an hour earlier, and there is tea.',
  'We start with a short talk and leave most of the time for conversation.',
  'No experience is needed; curiosity is.',
  'Bring something you are stuck on, and somebody who has been stuck on it before will sit with you.',
  'The room is step-free, and there is a quiet corner for whoever needs one.',
  'Please tell us if you cannot come, so that the next person on the list can.',
  'Afterwards a few of us usually walk to a noodle place nearby.',
  'Everything that is shown will be published the week after, under an open licence.',
  'This evening is part of a series; each one stands on its own.',
  'Questions may be asked in any language that somebody in the room speaks.',
];

export const FIRST_NAMES: readonly string[] = [
  'Amina',
  'Jonas',
  'Mei',
  'Tomás',
  'Leila',
  'Ravi',
  'Noa',
  'Kofi',
];
export const LAST_NAMES: readonly string[] = [
  'Okafor',
  'Lindqvist',
  'Tanaka',
  'Moreira',
  'Haddad',
  'Iyer',
  'Levi',
];

export const ORGANIZERS: readonly string[] = [
  'Riverside Library',
  'Institute for Odd Ideas',
  'Coastal Developers',
  'Museum of Small Machines',
];
