import type { readExternal } from './read-external.js';
import type { Surroundings } from './surroundings.js';

/** What a second terminal needs to work with what `dev` has started. */
export interface TerminalSettings {
  /** Environment variables of what was started here. The key ring goes by its file, never by its text. */
  settings: Record<string, string>;
  /** Names of variables that were set already: that terminal must have them too. Their values may be secrets. */
  fromEnvironment: string[];
}

export function terminalSettings(
  { temporal, mongo, lumaBaseUrl, fake, keyringFile }: Omit<Surroundings, 'stop' | 'keyring'>,
  external: Pick<ReturnType<typeof readExternal>, 'temporal' | 'mongo'>,
  env: NodeJS.ProcessEnv,
): TerminalSettings {
  const settings = {
    ...(external.temporal === undefined ? { TEMPORAL_ADDRESS: temporal.address } : {}),
    ...(external.mongo === undefined ? { MONGODB_URI: mongo.uri, MONGODB_DB: mongo.db } : {}),
    ...(fake === undefined ? {} : { LUMA_BASE_URL: lumaBaseUrl }),
    ...(keyringFile === undefined ? {} : { LUMA_SYNC_KEYRING_FILE: keyringFile }),
  };
  const groups = [
    ...(external.temporal === undefined ? [] : [/^TEMPORAL_\w+$/]),
    ...(external.mongo === undefined ? [] : [/^MONGODB_(URI|DB)$/]),
    ...(fake === undefined ? [/^LUMA_BASE_URL$/] : []),
    ...(keyringFile === undefined ? [/^LUMA_SYNC_KEYRING(_FILE)?$/] : []),
  ];
  const fromEnvironment = Object.keys(env)
    .filter((name) => (env[name] ?? '').trim() !== '' && groups.some((group) => group.test(name)))
    .sort();
  return { settings, fromEnvironment };
}
