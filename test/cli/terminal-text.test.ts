import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bold, isolate, red, toTerminal } from '../../src/cli/output/styles.js';
import { createLogger } from '../../src/logger.js';
import { escapeControls } from '../../src/printable.js';
import { argument, commandLine, option } from '../../src/shell.js';

const ACTIVE = [
  ...['\u0000', '\u0007', '\b', '\t', '\r', '\u001b', '\u007f', '\u0080', '\u009b', '\u009d', '\u061c'],
  ...['\u200e', '\u200f', '\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069', '\ufeff'],
];
const terminal = Object.assign(new PassThrough(), { isTTY: true });
const pipe = new PassThrough();

describe('text that is written for people', () => {
  it.each(ACTIVE)('has %j made visible, on a terminal and in a pipe', (character) => {
    const code = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    expect(toTerminal(`a${character}b`, terminal)).toBe(`a${code}b`);
    expect(toTerminal(`a${character}b`, pipe)).toBe(`a${code}b`);
  });

  it('keeps its line ends, emoji, combined characters and letters of every script', () => {
    const text = 'one\ntwo 👩‍👩‍👧‍👦 é 東京 שלום مرحبا\n';
    expect(toTerminal(text, terminal)).toBe(text);
  });

  it('has the program’s own styles on a terminal only, and never those of somebody else', () => {
    const text = `${bold('\u001b[31mhead')} ${red('error:')} ${isolate('שלום')}`;
    expect(toTerminal(text, terminal)).toBe(
      '\u001b[1m\\u001b[31mhead\u001b[22m \u001b[31merror:\u001b[39m \u2068שלום\u2069',
    );
    expect(toTerminal(text, pipe)).toBe('\\u001b[31mhead error: שלום');
  });
});

describe('JSON', () => {
  it('says the same with such characters escaped', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ACTIVE, 'a', '"', '\\', '\n', '🎉')), (parts) => {
        const json = escapeControls(JSON.stringify(parts.join('')));
        expect(json).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u);
        expect(JSON.parse(json)).toBe(parts.join(''));
      }),
    );
  });

  it('in the log has them escaped, one object a line', () => {
    const lines: string[] = [];
    createLogger('info', { write: (line) => void lines.push(line) }).info({ orgId: 'a\u009b\u202eb' }, 'x');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/"a\\u009b\\u202eb".*\}\n$/);
  });
});

describe('a suggested command', () => {
  it('reaches the program as it was meant, whatever an id holds', () => {
    const part = fc.constantFrom(
      "'",
      '"',
      '$(id)',
      '`id`',
      '\\',
      ' ',
      '\n',
      '\u001b',
      '!',
      '*',
      '~',
      'ä',
      '-',
      'x',
    );
    const texts = fc.array(
      fc.array(part).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(texts, (args) => {
        const line = commandLine('printf', '%s\\0', ...args);
        expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
        const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
        const out = execFileSync('bash', ['--norc', '-c', line], { encoding: 'utf8', env });
        expect(out.split('\0').slice(0, -1)).toEqual(args);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps a value that begins with a dash from being an option', () => {
    expect(commandLine('luma-sync', 'sync', ...option('--org', '-x'))).toBe('luma-sync sync --org=-x');
    expect(commandLine('luma-sync', 'orgs', 'rebind', ...argument('-x'))).toBe('luma-sync orgs rebind -- -x');
    expect(commandLine('luma-sync', 'sync', ...option('--org', 'rust-berlin'))).toBe(
      'luma-sync sync --org rust-berlin',
    );
  });
});
