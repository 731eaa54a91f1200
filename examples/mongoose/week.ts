// Prints the events of the next seven days, with how many visitors have marked each: events as luma-sync keeps them,
// beside a model of the application's own in the same database.
//
//     MONGODB_URI=mongodb://127.0.0.1:27017/luma_sync npm start
import { agenda } from 'luma-sync/read';
import mongoose from 'mongoose';

const WEEK_MS = 7 * 86_400_000;

const Favorite = mongoose.model(
  'Favorite',
  new mongoose.Schema({ lumaEventId: { type: String, index: true }, visitor: String }),
);

const { connection } = await mongoose.connect(
  process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27017/luma_sync',
  process.env.MONGODB_DB === undefined ? {} : { dbName: process.env.MONGODB_DB },
);
if (connection.db === undefined) throw new Error('Mongoose is not connected');

const now = new Date();
const { days } = await agenda(connection.db, {
  from: now,
  to: new Date(now.getTime() + WEEK_MS),
  includeRunning: true,
  limit: 500,
});
for (const { day, events } of days) {
  console.log(day);
  for (const { lumaEventId, title, city, url } of events) {
    const favorites = await Favorite.countDocuments({ lumaEventId });
    console.log(`  ${title} (${city ?? 'no city'}, ${favorites} marked it) ${url}`);
  }
}
await mongoose.disconnect();
