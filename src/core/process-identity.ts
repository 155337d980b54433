import { readFileSync } from 'node:fs';
import { systemErrorCode } from './errors.ts';

/** A process of this machine, so that a reused pid is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the boot to its start; empty where the system does not tell. */
  readonly born: string;
}

export const thisProcess = (): ProcessIdentity => ({ pid: process.pid, born: bornAt(process.pid) });

export function isAlive({ pid, born }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // another user's process lives, but takes no signal from us
    if (systemErrorCode(error) !== 'EPERM') return false;
  }
  return born === bornAt(pid);
}

/** Field 22 of `/proc/PID/stat` (proc(5)). */
function bornAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
