import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** All processes that descend from one, by process id. */
export async function descendants(pid: number): Promise<number[]> {
  const parents = process.platform === 'linux' ? await parentsInProc() : await parentsFromPs();
  const family = [pid];
  // Grows while it is walked: children first, then theirs.
  for (const parent of family) {
    family.push(...parents.filter(([, of]) => of === parent).map(([child]) => child));
  }
  return family.slice(1);
}

/** From /proc, because small Linux images have no `ps`. */
async function parentsInProc(): Promise<[number, number][]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  return stats.flatMap((stat, index) => {
    // The name, in brackets, may hold anything; state and parent follow the last one.
    const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    return parent === undefined ? [] : [[Number(pids[index]), Number(parent)]];
  });
}

async function parentsFromPs(): Promise<[number, number][]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}
