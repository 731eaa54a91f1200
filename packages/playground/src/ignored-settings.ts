/** What the environment sets and `demo` or `dev` does not use, each with what is used instead. */
export function ignoredSettings(
  env: NodeJS.ProcessEnv,
  { fake, temporal }: { fake: boolean; temporal: boolean },
): string[] {
  const set = (pattern: RegExp) =>
    Object.keys(env)
      .filter((name) => pattern.test(name) && (env[name] ?? '').trim() !== '')
      .sort();
  const groups: [string[], string][] = [
    [set(/^LUMA_SYNC_KEYRING(_FILE)?$/), 'a throw-away key ring is used'],
    [set(/^MONGODB_DB$/), 'a database of its own is used'],
    [set(/^LUMA_SYNC_SCOPE$/), 'names of its own are used'],
    [fake ? set(/^LUMA_BASE_URL$/) : [], 'the fake Luma started here is used'],
    [temporal ? [] : set(/^TEMPORAL_\w+$/), 'the Temporal server started here is used'],
  ];
  return groups
    .filter(([names]) => names.length > 0)
    .map(([names, instead]) => `${names.join(' and ')}: not read, ${instead}`);
}
