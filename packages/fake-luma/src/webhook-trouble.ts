import { z } from 'zod';

const share = z.number().min(0).max(1).optional();

/** What goes wrong with the deliveries of webhooks. */
export const webhookTroubleSchema = z.strictObject({
  /** How many of them get lost for good, 0 to 1. */
  loss: share,
  /** How many are delivered twice, 0 to 1. */
  repeats: share,
  /** How long each takes to leave, ms: chosen at random up to this. They then arrive in another order. */
  delayMs: z.number().nonnegative().optional(),
  /** Waits before a delivery that was not answered with 2xx is tried again, ms. Default 1,000, 5,000 and 30,000. */
  retryMs: z.array(z.number().nonnegative()).optional(),
  /** How long an answer may take, ms. Default 5,000, Luma's own. */
  answerMs: z.number().positive().optional(),
});

export type WebhookTrouble = z.infer<typeof webhookTroubleSchema>;
