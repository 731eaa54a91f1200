import { feeds } from 'luma-sync/feeds';
import { database } from '../../../lib/database';

/** `/feeds/events.ics`, `/feeds/harbour/events.json`, … */
export const GET = feeds(database, { onError: (error) => console.error(error) });
export const HEAD = GET;
