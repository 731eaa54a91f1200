import { TemporalFailure } from '@temporalio/common';
import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/worker';
import { framesOf } from '../activities/failures.js';
import type { Logger } from '../logger.js';

/**
 * The SDK's log lines, in this project's form. Of a failure only name, type and message are taken: its stack and
 * causes may hold more than a log should. Of a bug in workflow code it is the message that may, so its name and the
 * places in the code are taken.
 */
export function temporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta: LogMetadata = {}) => {
    logger[LEVELS[level]](fieldsOf(meta), message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

function fieldsOf(meta: LogMetadata): Record<string, unknown> {
  const ofWorkflow = 'workflowType' in meta && !('activityType' in meta);
  return Object.fromEntries(
    Object.entries(meta).map(([name, value]) => [
      name,
      name === 'failure' && typeof value === 'string' ? taskFailure(value) : plain(value, ofWorkflow),
    ]),
  );
}

function plain(value: unknown, ofWorkflow: boolean): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message } = value;
  if (ofWorkflow && !(value instanceof TemporalFailure) && !isOfTheSdk(message)) {
    return { name, at: framesOf(value) };
  }
  const type: unknown = 'type' in value ? value.type : undefined;
  return { name, ...(typeof type === 'string' ? { type } : {}), message };
}

/** The native part writes a failed workflow task as the text of a data structure, message and stack in it. */
function taskFailure(text: string): object {
  const stack = /stack_trace: "((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
  const lines = stack.split('\\n').map((line) => line.trim());
  const name = lines
    .map((line) => /^([A-Z]\w*)(?=: |$)/.exec(line)?.[1])
    .find((found) => found !== undefined);
  const message = /message: "((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? '';
  return {
    name: name ?? 'Error',
    ...(isOfTheSdk(message) ? { message } : {}),
    at: lines.filter((line) => /^at .+:\d+:\d+\)?$/.test(line)).slice(0, 8),
  };
}

/** The SDK numbers the messages that it makes itself, such as about a workflow that replays differently. */
function isOfTheSdk(message: string): boolean {
  return message.startsWith('[TMPRL');
}
