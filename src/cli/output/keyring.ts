import type { KeyringCheck } from '../../mongo/keyring-checks.js';
import { renderTable } from './table.js';

const MEANING: Record<KeyringCheck['state'], string> = {
  matches: 'matches',
  unknown: 'unknown to the database: nothing is sealed with it yet',
  differs: 'DIFFERS: other bytes than the key that sealed under this id',
  missing: 'MISSING from the key ring: Luma keys are sealed with it',
};

/** The keys of the ring, and those that it lacks, as a table for people. */
export function keyringTable(checks: readonly KeyringCheck[], width?: number): string {
  const rows = checks.map(({ keyId, state, seals, organizations }) => [
    keyId,
    seals ? 'yes' : 'no',
    String(organizations),
    MEANING[state],
  ]);
  const columns = [
    { title: 'KEY' },
    { title: 'SEALS' },
    { title: 'ORGANIZATIONS', align: 'right' as const },
    { title: 'STATE', shrinks: true as const },
  ];
  return renderTable(columns, rows, { width });
}
