import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fail, pass, type PartCheck } from './check.js';

const SDK = ['activity', 'client', 'common', 'envconfig', 'worker', 'workflow'];

interface Package {
  version: string;
  engines?: { node?: string };
}

/** The version of Node.js, of this program and of the SDK's packages, which have to be the same. */
export function checkProgram(nodeVersion = process.versions.node): PartCheck[] {
  const own = readJson(new URL('../../../package.json', import.meta.url));
  const least = /\d+(?:\.\d+)*/.exec(own.engines?.node ?? '')?.[0] ?? '0';
  const node = isAtLeast(nodeVersion, least)
    ? pass('Node.js', `${nodeVersion}, and ${least} or later is needed`)
    : fail('Node.js', `${nodeVersion}, and ${least} or later is needed`, {
        remedy: 'install a newer Node.js',
      });
  return [node, versions(own.version)];
}

/** Of Temporal's SDK, by package. */
function sdkVersions(): Map<string, string> {
  const require = createRequire(import.meta.url);
  return new Map(
    SDK.map((name) => {
      const file = require.resolve(`@temporalio/${name}/package.json`);
      return [name, readJson(file).version];
    }),
  );
}

function versions(own: string): PartCheck {
  const found = sdkVersions();
  const [one, ...others] = new Set(found.values());
  if (others.length === 0) return pass('versions', `luma-sync ${own}, Temporal SDK ${one ?? 'unknown'}`);
  const list = [...found].map(([name, version]) => `${name} ${version}`).join(', ');
  return fail('versions', `the packages of Temporal's SDK have different versions: ${list}`, {
    remedy: 'install the versions of the lockfile again',
    command: 'npm ci',
  });
}

function readJson(file: URL | string): Package {
  return JSON.parse(readFileSync(file, 'utf8')) as Package;
}

/** Versions as numbers with dots; what is behind them, such as `-nightly`, does not count. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, need] = [version, least].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10)),
  );
  for (const [at, wanted] of (need ?? []).entries()) {
    const part = have?.[at] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
