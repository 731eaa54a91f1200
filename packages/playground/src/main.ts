import { start } from '../../../src/cli/start.js';

await start(async () => (await import('./program.js')).createProgram());
