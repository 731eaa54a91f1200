import { randomBytes } from 'node:crypto';
import { type DeploymentNames, deploymentNames } from '../../../src/workflows/contract.js';

export type PlaygroundCommand = 'demo' | 'dev';

/** What `demo` or `dev` calls its things. */
export interface OwnPlace {
  command: PlaygroundCommand;
  /** Absent where every server is started here, and so nobody else can be met. */
  scope?: string;
  names: DeploymentNames;
  db: string;
}

const OWN_DB = { demo: 'luma_sync_demo', dev: 'luma_sync' } as const;

/**
 * Names that nobody else has as soon as one server is somebody else's, whatever the environment says; the ordinary
 * ones on servers started here.
 */
export function ownPlace(
  command: PlaygroundCommand,
  external: { temporal?: unknown; mongo?: unknown },
): OwnPlace {
  if (external.temporal === undefined && external.mongo === undefined) {
    return { command, names: deploymentNames(null), db: OWN_DB[command] };
  }
  const random = randomBytes(4).toString('hex');
  const scope = `${command}-${random}`;
  return { command, scope, names: deploymentNames(scope), db: `luma_sync_${command}_${random}` };
}
