/** Where Luma is to deliver to. */
export function webhookAddress(publicUrl: string, orgId: string): string {
  return new URL(`${publicUrl}/webhooks/luma/${encodeURIComponent(orgId)}`).href;
}
