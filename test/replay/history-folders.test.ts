import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.js';
import {
  folderToRecord,
  historyFolders,
  releasedVersions,
  VersionIsReleased,
  versionsToKeep,
} from './history-folders.js';

async function checkout(version: string, changelog: string): Promise<string> {
  const root = await tempFolder();
  await writeFile(join(root, 'package.json'), JSON.stringify({ version }));
  await writeFile(join(root, 'CHANGELOG.md'), changelog);
  return root;
}

describe('released versions', () => {
  test('are those with a heading of their own in the changelog', () => {
    const changelog = [
      '# Changelog',
      '## [Unreleased]',
      '### Fixed',
      '- Version 9.9.9 of something else is mentioned.',
      '## [1.10.0-rc.1] - 2026-12-02',
      '## [1.2.0] - 2026-12-01 [YANKED]',
      '## 1.1.0 - 2026-11-30',
      '',
      '[1.10.0-rc.1]: https://example.org/compare/1.2.0...1.10.0-rc.1',
    ].join('\n');
    expect(releasedVersions(changelog)).toEqual(['1.10.0-rc.1', '1.2.0', '1.1.0']);
  });

  test('are none where the changelog has an unreleased part only', () => {
    expect(releasedVersions('# Changelog\n\n## [Unreleased]\n\n### Added\n')).toEqual([]);
  });
});

describe('histories are recorded', () => {
  test('in the folder of the version in package.json', async () => {
    const root = await checkout('1.3.0', '## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n');
    expect(folderToRecord(root)).toBe(join(root, 'test/histories/1.3.0'));
  });

  test('never for a version that is released', async () => {
    const root = await checkout('1.2.0', '## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n');
    expect(() => folderToRecord(root)).toThrow(VersionIsReleased);
    expect(() => folderToRecord(root)).toThrow(/version 1\.2\.0 is released.*set the next version/);
  });

  test('for a version whose number only begins like that of a released one', async () => {
    const root = await checkout('1.2.0', '## [1.2.0-rc.1] - 2026-12-01\n## [1.2.01] - 2026-12-01\n');
    expect(folderToRecord(root)).toBe(join(root, 'test/histories/1.2.0'));
  });
});

test('histories of released versions are kept until the next major version', () => {
  const released = ['1.2.0', '1.1.0', '0.9.0'];
  expect(versionsToKeep({ current: '1.3.0', released })).toEqual(['1.2.0', '1.1.0', '1.3.0']);
  expect(versionsToKeep({ current: '1.2.0', released })).toEqual(['1.2.0', '1.1.0']);
  expect(versionsToKeep({ current: '2.0.0', released })).toEqual(['2.0.0']);
  expect(versionsToKeep({ current: '11.0.0', released })).toEqual(['11.0.0']);
});

test('every folder of histories is found, with its files in order', async () => {
  const root = await tempFolder();
  for (const [version, file] of [
    ['1.2.0', 'b.json'],
    ['1.2.0', 'a.json'],
    ['1.1.0', 'a.json'],
  ] as const) {
    await mkdir(join(root, 'test/histories', version), { recursive: true });
    await writeFile(join(root, 'test/histories', version, file), '{}');
  }
  expect(historyFolders(root)).toEqual([
    { version: '1.1.0', files: ['a.json'] },
    { version: '1.2.0', files: ['a.json', 'b.json'] },
  ]);
});
