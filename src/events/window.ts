/** Limits a listing to events whose start lies in [after, before). ISO 8601 instants. */
export interface SyncWindow {
  after?: string;
  before?: string;
}
