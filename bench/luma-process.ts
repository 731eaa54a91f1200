/** A fake Luma in a process of its own, so that its work is nobody's. argv: its options as JSON. */
import { startFakeLuma, type FakeLumaOptions } from '../packages/fake-luma/src/index.js';

const options = JSON.parse(process.argv[2] ?? '{}') as FakeLumaOptions;
const fake = await startFakeLuma(options);
process.stdout.write(`${JSON.stringify({ url: fake.url, calendars: fake.calendars })}\n`);
process.on('SIGTERM', () => process.exit(0));
