import { makeTelemetryFilterString, type PrometheusMetricsExporter, Runtime } from '@temporalio/worker';
import type { Logger } from '../logger.js';
import { temporalLogger } from './temporal-logger.js';

/**
 * Makes the SDK log through this logger. Once a process, before anything else of the SDK is used. Signals are the
 * caller's: the SDK would stop workers on its own.
 *
 * @param metricsAddress host:port where the SDK serves what it measures; an IP address
 */
export function installRuntime(logger: Logger, metricsAddress?: string): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: named(metricsAddress) } }),
    },
  });
}

/** Prometheus' conventions: counters end in `_total`, and durations are seconds. */
function named(bindAddress: string): PrometheusMetricsExporter['prometheus'] {
  return { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
}
