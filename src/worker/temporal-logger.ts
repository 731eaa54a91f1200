import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from '../logger.js';

/**
 * The SDK's log lines, in this project's form. Of an error only name, type and message are taken: its stack and
 * causes may hold more than a log should.
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
  return Object.fromEntries(Object.entries(meta).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const type: unknown = 'type' in value ? value.type : undefined;
  return { name: value.name, ...(typeof type === 'string' ? { type } : {}), message: value.message };
}
