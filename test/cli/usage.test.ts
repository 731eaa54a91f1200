import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config.js';
import { cli, cliHere } from './support/run.js';

describe('help', () => {
  it('of the program names every command and setting, with examples, on stdout', async () => {
    const { code, stdout, stderr } = await cli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of [
      'worker',
      'orgs',
      'sync',
      'events',
      'removals',
      'quarantine',
      'schedule',
      'keyring',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${word}\\b.* {2}\\w`, 'm'));
    }
    for (const { name } of SETTINGS) expect(stdout).toContain(name);
    expect(stdout).toContain('$ luma-sync sync --watch');
  });

  it('of a command shows its options and examples', async () => {
    const { code, stdout } = await cliHere(['sync', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--detach');
    expect(stdout).toContain('$ luma-sync sync --org');
    expect(stdout).toContain('--dry-run');
  });

  it('without a command is shown on stderr, and the exit code is 2', async () => {
    const { code, stdout, stderr } = await cliHere([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: luma-sync');
  });

  it('--version prints the version', async () => {
    expect(await cliHere(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});

describe('used wrongly, it exits 2 with one message and a hint, no stack trace:', () => {
  it.each<[string, string[], string, string]>([
    ['an unknown command', ['snyc'], "unknown command 'snyc'", 'Did you mean sync?'],
    ['a command of the repository', ['demo'], "unknown command 'demo'", 'luma-sync --help'],
    ['an unknown command below another', ['orgs', 'lsit'], "unknown command 'lsit'", 'Did you mean list?'],
    ['an unknown option', ['sync', '--wacth'], "unknown option '--wacth'", 'Did you mean --watch?'],
    ['an instant that is none', ['sync', '--after', 'yesterday'], 'yesterday', '2026-11-01'],
    ['a day that does not exist', ['sync', '--before', '2026-02-31'], '2026-02-31', 'ISO 8601'],
    ['an empty window', ['sync', '--after', '2026-02-02', '--before', '2026-02-01'], '--after', 'between'],
    ['options that exclude each other', ['sync', '--watch', '--detach'], '--watch and --detach', 'waits'],
    ['a dry run that nobody waits for', ['sync', '--dry-run', '--detach'], '--dry-run and --detach', 'shows'],
    ['a decision without an organization', ['removals', 'approve', '--all'], '--org', 'approve --help'],
    ['a decision on nothing', ['removals', 'reject', '--org', 'a'], 'name events, or give --all', 'list'],
    ['events and all', ['removals', 'approve', '--org', 'a', 'e', '--all'], 'name events', 'removals list'],
    ['a limit that is no number', ['events', '--limit', 'all'], 'all', '1 to 10000'],
    ['a missing name', ['orgs', 'add'], '--name', 'orgs add --help'],
    [
      'a key on the command line',
      ['orgs', 'add', '--name', 'A', '--key', 'x'],
      "unknown option '--key'",
      'help',
    ],
    ['too many words', ['sync', 'acme'], 'too many arguments', 'sync --help'],
  ])('%s', async (_, args, wrong, hint) => {
    const { code, stdout, stderr } = await cliHere(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(wrong);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('the same, as a process', async () => {
    const { code, stdout, stderr } = await cli(['sync', '--wacth']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Did you mean --watch?');
  });

  it('bad settings, all of them at once', async () => {
    const env = { LOG_LEVEL: 'loud', TEMPORAL_ADDRESS: 'http://x', LUMA_BASE_URL: 'luma.com' };
    const { code, stdout, stderr } = await cli(['worker'], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('5 settings are wrong or missing');
    for (const name of [...Object.keys(env), 'MONGODB_URI', 'LUMA_SYNC_KEYRING']) {
      expect(stderr).toContain(`  - ${name} `);
    }
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('one bad setting, in one line', async () => {
    const { code, stderr } = await cliHere(['events']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: MONGODB_URI is not set – .*\n$/);
  });
});
