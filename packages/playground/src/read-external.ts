import { type Config, type ConfigPart, readConfig } from '../../../src/config.js';

/**
 * Settings of `demo` and `dev`: the servers that the environment names; the others are started here. Which database,
 * key ring and scope it names is nobody's business here, and so cannot be wrong either.
 */
export function readExternal(
  env: NodeJS.ProcessEnv,
): Partial<Config<ConfigPart>> & Pick<Config, 'logLevel' | 'lumaBaseUrl'> {
  const has = (name: string) => (env[name] ?? '').trim() !== '';
  const needs: ConfigPart[] = ['lumaApiKey', 'lumaProxies'];
  if (has('TEMPORAL_ADDRESS')) needs.push('temporal');
  if (has('MONGODB_URI')) needs.push('mongo');
  return readConfig({ ...env, MONGODB_DB: '', LUMA_SYNC_SCOPE: '' }, needs);
}
