/** Limits a listing to events whose start lies in [after, before). ISO 8601 instants. */
export interface SyncWindow {
  after?: string;
  before?: string;
}

export function isInside(start: Date, { after, before }: SyncWindow = {}): boolean {
  return (
    (after === undefined || start >= new Date(after)) && (before === undefined || start < new Date(before))
  );
}
