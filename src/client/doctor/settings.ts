import { type Config, ConfigError, type ConfigPart, readConfig } from '../../config.js';
import { divided, pass, type PartCheck, fail, warn } from './check.js';

/** What of the settings can be used. What is missing here cannot. */
export interface UsableSettings {
  temporal?: Config<'temporal'>['temporal'];
  mongo?: Config<'mongo'>['mongo'];
  keyring?: Config<'keyring'>['keyring'];
  luma?: Pick<Config<'lumaProxies'>, 'lumaBaseUrl' | 'lumaAllowHttp' | 'lumaProxies'>;
  lumaApiKey?: string;
  publicUrl?: string;
  scope: string | null;
}

/** Settings that a worker and the commands read, each for itself, so that one that is wrong hides no other. */
export function checkSettings(env: NodeJS.ProcessEnv): { checks: PartCheck[]; settings: UsableSettings } {
  const problems = new Set<string>();
  const warnings = new Set<string>();

  function read<P extends ConfigPart>(from: NodeJS.ProcessEnv, parts: readonly P[]): Config<P> | undefined {
    try {
      const config = readConfig(from, parts);
      for (const warning of config.warnings ?? []) warnings.add(warning);
      return config;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.add(problem);
      return undefined;
    }
  }

  // Those that every command reads: without the ones that are wrong the others can be told.
  const common = read(env, []);
  const wrong = new Set([...problems].map(nameIn));
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !wrong.has(name)));
  const proxies = read(rest, ['lumaProxies']);
  const settings: UsableSettings = {
    temporal: read(rest, ['temporal'])?.temporal,
    mongo: read(rest, ['mongo'])?.mongo,
    keyring: read(rest, ['keyring'])?.keyring,
    luma: wrong.has('LUMA_BASE_URL') || wrong.has('LUMA_SYNC_ALLOW_HTTP') ? undefined : proxies,
    lumaApiKey: read(rest, ['lumaApiKey'])?.lumaApiKey,
    publicUrl: common?.publicUrl ?? proxies?.publicUrl,
    scope: common?.scope ?? proxies?.scope ?? null,
  };
  const checks = [
    ...[...problems].map((problem) => {
      const { message, ...remedy } = divided(problem, 'see luma-sync --help');
      return fail(nameIn(problem), message, remedy);
    }),
    ...[...warnings].map((warning) => {
      const { message, ...remedy } = divided(warning, 'see luma-sync --help');
      return warn('key ring file', message, remedy);
    }),
  ];
  return {
    checks: checks.length > 0 ? checks : [pass('environment', 'every setting can be used')],
    settings,
  };
}

/** Every problem begins with the name of its setting. */
function nameIn(problem: string): string {
  return /^[A-Z][A-Z0-9_]*\*?/.exec(problem)?.[0] ?? 'environment';
}
