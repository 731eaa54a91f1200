import { join } from 'node:path';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError } from './config-error.js';
import { DEFAULTS } from './settings.js';

export interface TemporalSettings {
  /** host:port */
  address: string;
  namespace: string;
  /** Address, TLS, API key and metadata, for a native connection as for a client's. */
  connectionOptions: ClientConnectConfig['connectionOptions'];
}

/** @throws ConfigError */
export function readTemporal(set: Record<string, string>, env: NodeJS.ProcessEnv): TemporalSettings {
  // Set to nothing, a TEMPORAL_GRPC_META_* variable takes a header of the config file away.
  const metadata = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[0].startsWith('TEMPORAL_GRPC_META_') && entry[1] !== undefined,
  );
  const overrideEnvVars = { ...set, ...Object.fromEntries(metadata) };
  let loaded: ClientConnectConfig;
  try {
    loaded = loadTemporal(overrideEnvVars);
  } catch {
    // The reason is not shown: for a config file it quotes lines that may hold an API key.
    throw new ConfigError([
      'TEMPORAL_* cannot be read – check that TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE (without it temporalio/temporal.toml in the folder for settings) and the TEMPORAL_TLS_*_PATH files exist and are valid',
    ]);
  }
  const address = loaded.connectionOptions.address ?? DEFAULTS.temporalAddress;
  if (!isHostPort(address)) {
    throw new ConfigError([
      'TEMPORAL_ADDRESS is not host:port – write it like 127.0.0.1:7233, without http://',
    ]);
  }
  return {
    address,
    namespace: loaded.namespace ?? DEFAULTS.temporalNamespace,
    connectionOptions: { ...loaded.connectionOptions, address },
  };
}

/** A config file that nobody named and that cannot be read counts as none, as one that is not there does. */
function loadTemporal(overrideEnvVars: Record<string, string>): ClientConnectConfig {
  const named =
    overrideEnvVars.TEMPORAL_CONFIG_FILE !== undefined || overrideEnvVars.TEMPORAL_PROFILE !== undefined;
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    if (named || !isDefaultFileUnreadable(error)) throw error;
    return loadClientConnectConfig({ overrideEnvVars, disableFile: true });
  }
}

function isDefaultFileUnreadable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  // Reading a folder fails without its path.
  if (error.code === 'EISDIR') return true;
  return 'path' in error && String(error.path).endsWith(join('temporalio', 'temporal.toml'));
}

function isHostPort(text: string): boolean {
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text);
  return match !== null && (match[1] === undefined || Number(match[1]) <= 65_535);
}
