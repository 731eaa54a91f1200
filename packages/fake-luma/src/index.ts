import type { FakeCalendar } from './calendar.js';
import { type FakeLuma, summaryOf } from './handle.js';
import { Deliverer } from './deliveries.js';
import { completeOptions, type FakeLumaOptions } from './options.js';
import { type RequestCounts, RequestLog } from './request-log.js';
import { listen } from './server.js';
import { World } from './world.js';

export { type FakeCalendar, UnknownEvent } from './calendar.js';
export { type EventSpec, type FakeEvent } from './event.js';
export { type Endpoint, type Fault, type FaultSpec } from './faults.js';
export { type CalendarSummary, type FakeLuma, type FakeLumaStats } from './handle.js';
export { type RateHeaderFormat, type RateLimitSettings } from './limiter.js';
export { type CalendarSpec, type FakeLumaOptions } from './options.js';
export { type LoggedRequest, type RequestCounts } from './request-log.js';
export { type Delivery } from './deliveries.js';
export { type WebhookTrouble } from './webhook-trouble.js';
export { type FakeWebhook } from './webhooks.js';
export { type LegacyShape } from './wire.js';

/** Starts a server that answers as Luma's public API does. Resolves once it listens. */
export async function startFakeLuma(options: FakeLumaOptions = {}): Promise<FakeLuma> {
  const settings = completeOptions(options);
  const world = new World(settings);
  const log = new RequestLog();
  const deliverer = new Deliverer(settings.webhookTrouble, settings.seed);
  world.onChange = (calendar, change) => deliverer.tell(calendar, change);
  let advancedMs = 0;

  const nowMs = async (): Promise<number> => (await settings.clock()) + advancedMs;
  const server = await listen(settings, { world, log, nowMs }, () => fake);

  const countsOf = ({ id, limiter }: FakeCalendar): RequestCounts => ({
    ...log.count(id),
    blocks: limiter.blocks,
    requestsDuringBlock: limiter.requestsDuringBlock,
  });

  const fake: FakeLuma = {
    url: server.url,
    get calendars() {
      return world.calendars.map(summaryOf);
    },
    calendar: (id) => {
      const calendar = world.find(id);
      if (calendar === undefined) throw new RangeError(`there is no calendar ${id}`);
      return calendar;
    },
    addCalendar: (spec) => world.add(spec),
    get requests() {
      return log.requests;
    },
    stats: () => {
      const calendars = Object.fromEntries(
        world.calendars.map((calendar) => [calendar.id, countsOf(calendar)]),
      );
      const sum = (pick: (counts: RequestCounts) => number): number =>
        Object.values(calendars).reduce((total, counts) => total + pick(counts), 0);
      return {
        ...log.count(),
        blocks: sum(({ blocks }) => blocks),
        requestsDuringBlock: sum(({ requestsDuringBlock }) => requestsDuringBlock),
        calendars,
      };
    },
    resetStats: () => {
      log.clear();
      for (const { limiter } of world.calendars) limiter.resetCounters();
    },
    get deliveries() {
      return deliverer.deliveries;
    },
    delivered: () => deliverer.settled(),
    setWebhookTrouble: (trouble) => {
      deliverer.trouble = trouble;
    },
    advanceTime: (ms) => {
      advancedMs += ms;
    },
    close: async () => {
      deliverer.close();
      await server.close();
    },
  };
  return fake;
}
