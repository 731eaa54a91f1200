import { type Config, type ConfigPart, readConfig } from '../../config.js';

/** Settings of `demo` and `dev`: the parts that the environment names; the others are started here. */
export function readExternal(
  env: NodeJS.ProcessEnv,
): Partial<Config<ConfigPart>> & Pick<Config, 'logLevel' | 'lumaBaseUrl'> {
  const has = (name: string) => (env[name] ?? '').trim() !== '';
  const needs: ConfigPart[] = ['lumaApiKey', 'lumaProxies'];
  if (has('TEMPORAL_ADDRESS')) needs.push('temporal');
  if (has('MONGODB_URI')) needs.push('mongo');
  if (has('LUMA_SYNC_KEYRING') || has('LUMA_SYNC_KEYRING_FILE')) needs.push('keyring');
  return readConfig(env, needs);
}
