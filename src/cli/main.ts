#!/usr/bin/env node
import { EXIT } from './exit.js';
import { endQuietlyOnClosedPipe } from './output/io.js';
import { run } from './run.js';

endQuietlyOnClosedPipe();
const code = await run(process.argv.slice(2));
// A command that set a code of its own keeps it.
if (code !== EXIT.done) process.exitCode = code;
