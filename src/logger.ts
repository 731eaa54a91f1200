import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './config.js';
import { escapeControls } from './printable.js';

export type { Logger };

/** Names under which a secret could end up in a log line's fields. */
const SECRET_FIELDS = [
  'apiKey',
  'lumaApiKey',
  'storedKey',
  'sealedKey',
  'key',
  'keyring',
  'token',
  'statusToken',
  'uri',
  'password',
  'authorization',
];

/** What looks like a secret anywhere in a line: a Luma key, the password in a connection string. */
const SECRET_TEXT: readonly [RegExp, string][] = [
  [/secret-[\w-]{4,}/g, '[redacted]'],
  [/:\/\/[^/\s"@]+@/g, '://[redacted]@'],
];

/**
 * One JSON object a line. Nothing in this project logs a key; should it ever happen, fields of those names and
 * texts of that look are struck out before they are written.
 * @param destination default: standard output
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          ...SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]),
          'headers',
          '*.headers',
          '["x-luma-api-key"]',
        ],
        censor: '[redacted]',
      },
      hooks: {
        streamWrite: (line) =>
          escapeControls(
            SECRET_TEXT.reduce((text, [look, censored]) => text.replace(look, censored), line),
            '\n',
          ),
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}
