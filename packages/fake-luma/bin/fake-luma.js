#!/usr/bin/env node
// Not dist/main.js itself: npm links only programs that are there when it installs, which is before the build.
import '../dist/main.js';
