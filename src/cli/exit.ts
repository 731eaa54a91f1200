/** What the exit codes of every command mean. */
export const EXIT = {
  done: 0,
  failed: 1,
  usedWrongly: 2,
  partly: 3,
  /** What was waited for goes on, and this command cannot see it any more. */
  outOfSight: 4,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** The command was used wrongly: exit 2. The message says what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was waited for goes on, and its end cannot be told: exit 4. The message says why, and how to look again. */
export class OutOfSight extends Error {
  override readonly name = 'OutOfSight';
}

/** Ends a command that has said what it had to say with an exit code. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith';

  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
