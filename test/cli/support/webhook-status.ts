import { diagnose } from '../../../src/client/doctor/diagnose.js';
import { webhooksStanding } from '../../../src/client/webhook-standing.js';
import type { Rig } from '../../support/rig.js';

/** What `status` and `doctor` say of webhooks. */
export function connectStatusStore(rig: Rig, env: () => Record<string, string>) {
  return {
    standing: async (publicUrl: string | undefined) =>
      webhooksStanding(await rig.store.webhooks.list(), rig.store, publicUrl),
    doctor: async (): Promise<[string, string][]> => {
      const { checks } = await diagnose({
        env: { ...env(), LUMA_SYNC_PUBLIC_URL: 'https://events.example.org/luma' },
      });
      return checks.filter(({ part }) => part === 'webhooks').map(({ name, status }) => [name, status]);
    },
  };
}
