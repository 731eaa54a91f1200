import type { readExternal } from './read-external.js';
import type { Surroundings } from './surroundings.js';

/** What a second terminal needs to work with what `dev` has started. */
export interface TerminalSettings {
  /**
   * Environment variables of what was started here; set to nothing where that terminal may have one that would lead
   * it elsewhere. The key ring goes by its file, never by its text.
   */
  settings: Record<string, string>;
  /** Names of variables that were set already: that terminal must have them too. Their values may be secrets. */
  fromEnvironment: string[];
}

export function terminalSettings(
  {
    temporal,
    mongo,
    lumaBaseUrl,
    fake,
    keyringFile,
    scope,
  }: Omit<Surroundings, 'stop' | 'endSyncs' | 'keyring' | 'names'>,
  external: Pick<ReturnType<typeof readExternal>, 'temporal' | 'mongo'>,
  env: NodeJS.ProcessEnv,
): TerminalSettings {
  const set = (pattern: RegExp) =>
    Object.keys(env)
      .filter((name) => pattern.test(name) && (env[name] ?? '').trim() !== '')
      .sort();
  const leadsElsewhere = [
    ...set(/^LUMA_SYNC_(KEYRING|SCOPE)$/),
    ...(external.temporal === undefined ? set(/^TEMPORAL_\w+$/) : []),
  ];
  const settings = {
    ...Object.fromEntries(leadsElsewhere.map((name) => [name, ''])),
    ...(external.temporal === undefined
      ? { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace }
      : {}),
    ...(external.mongo === undefined ? { MONGODB_URI: mongo.uri } : {}),
    MONGODB_DB: mongo.db,
    ...(fake === undefined ? {} : { LUMA_BASE_URL: lumaBaseUrl }),
    LUMA_SYNC_KEYRING_FILE: keyringFile,
    ...(scope === undefined ? {} : { LUMA_SYNC_SCOPE: scope }),
  };
  const fromEnvironment = [
    ...(external.temporal === undefined ? [] : set(/^TEMPORAL_\w+$/)),
    ...(external.mongo === undefined ? [] : set(/^MONGODB_URI$/)),
    ...(fake === undefined ? set(/^LUMA_BASE_URL$/) : []),
  ].sort();
  return { settings, fromEnvironment };
}
