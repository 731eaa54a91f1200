/*
 * Environments for other people's programs. None of them gets this project's settings: keys are not theirs to see,
 * and Temporal's program would take TEMPORAL_* for its own configuration.
 */

const OURS = /^(LUMA_|TEMPORAL_|MONGODB_|MONGOMS_)/i;
/** Would make Python or pip work somewhere else than in the virtual environment, or Node load something first. */
const MISLEADING = /^(PYTHONHOME|PYTHONPATH|PIP_USER|PIP_TARGET|PIP_PREFIX|VIRTUAL_ENV|NODE_OPTIONS)$/i;
const FOR_SERVERS =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|TMP|TEMP|LD_LIBRARY_PATH|XDG_.*|SYSTEMROOT|SYSTEMDRIVE|USERPROFILE|APPDATA|LOCALAPPDATA)$/i;

/** For installers and their like, which need proxies, certificates and an index's address. */
export function installerEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return pick(env, (name) => !OURS.test(name) && !MISLEADING.test(name));
}

/** For servers, which need hardly anything. */
export function serverEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return pick(env, (name) => FOR_SERVERS.test(name));
}

function pick(env: NodeJS.ProcessEnv, keep: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => keep(name)));
}
