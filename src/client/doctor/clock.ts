import { fail, pass, type PartCheck, warn } from './check.js';

/** What it takes to notice: answers are on their way for a while, and HTTP tells whole seconds. */
const NOTICED_MS = 5_000;
/** Certificates, signatures and what counts as upcoming go wrong. */
const WRONG_MS = 300_000;

const REMEDY = { remedy: 'set both clocks by NTP' };

/** @param whose `MongoDB's clock`. @param aheadMs how far it is ahead of this machine's; `undefined`: it does not tell */
export function checkClock(whose: string, aheadMs: number | undefined): PartCheck {
  if (aheadMs === undefined)
    return warn('clock', `${whose} is not told`, { remedy: 'check what answers there' });
  const seconds = Math.abs(aheadMs) / 1000;
  const apart = seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
  if (Math.abs(aheadMs) < NOTICED_MS) return pass('clock', `${whose} and this machine's agree within 5 s`);
  const message = `${whose} is ${apart} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return Math.abs(aheadMs) < WRONG_MS ? warn('clock', message, REMEDY) : fail('clock', message, REMEDY);
}
