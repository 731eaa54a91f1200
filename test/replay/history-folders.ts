import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a checkout says about its versions. */
export interface Versions {
  /** The one in package.json. */
  current: string;
  /** Those that the changelog has a heading for. */
  released: readonly string[];
}

/** The recorded histories of one version: `test/histories/<version>/`. */
export interface HistoryFolder {
  version: string;
  /** Names of its files, in order. */
  files: readonly string[];
}

/** Neither the network nor git is asked: a release is what the changelog says is one. */
export function readVersions(root: string): Versions {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { current: version, released: releasedVersions(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')) };
}

/** The versions in headings like `## [1.2.0] - 2026-12-01`. `## [Unreleased]` is none. */
export function releasedVersions(changelog: string): string[] {
  return [...changelog.matchAll(/^## \[?(\d+\.\d+\.\d+[^\s\]]*)/gm)].map(([, version = '']) => version);
}

/**
 * The versions whose histories must be there: the one in package.json, and the released ones of the same major version.
 * Only a new major version may ask its users to let running syncs end before they deploy it.
 */
export function versionsToKeep({ current, released }: Versions): string[] {
  const majorOf = (version: string) => version.slice(0, version.indexOf('.'));
  const kept = released.filter((version) => majorOf(version) === majorOf(current));
  return [...new Set([...kept, current])];
}

/** All recorded histories, a folder for each version. */
export function historyFolders(root: string): HistoryFolder[] {
  const histories = join(root, 'test/histories');
  return readdirSync(histories)
    .toSorted()
    .map((version) => ({ version, files: readdirSync(join(histories, version)).toSorted() }));
}

/**
 * Where the histories of a checkout are recorded.
 * @throws VersionIsReleased
 */
export function folderToRecord(root: string): string {
  const { current, released } = readVersions(root);
  if (released.includes(current)) throw new VersionIsReleased(current);
  return join(root, 'test/histories', current);
}

/** Thrown before anything is recorded: syncs that workers of this version began may still be running somewhere. */
export class VersionIsReleased extends Error {
  override readonly name = 'VersionIsReleased';

  constructor(version: string) {
    super(
      `version ${version} is released, and its recorded histories stay as they are: set the next version in package.json first`,
    );
  }
}
