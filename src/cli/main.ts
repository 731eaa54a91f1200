#!/usr/bin/env node
import { keepCompiledCode } from './keep-compiled-code.js';
import { start } from './start.js';

keepCompiledCode();
await start(async () => (await import('./program.js')).createProgram());
