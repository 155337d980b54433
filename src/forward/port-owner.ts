import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The process of this machine that listens on the TCP port, as `name (process 123)`. `undefined` if it cannot be found:
 * only Linux tells, and only about processes of the same user.
 */
export function portOwner(port: number): string | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(readIfThere(file), port));
  if (inodes.length === 0) return undefined;
  for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name))) {
    const fds = entriesOf(`/proc/${pid}/fd`);
    if (!fds.some((fd) => inodes.includes(linkOf(`/proc/${pid}/fd/${fd}`)))) continue;
    const name = readIfThere(`/proc/${pid}/comm`).trim() || 'a program';
    return `${name} (process ${pid})`;
  }
  return undefined;
}

const listening = '0A';

/** Pure: names of the sockets that listen on the port, from a table of the kernel. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === listening && local.endsWith(`:${wanted}`))
    .map((fields) => `socket:[${fields[9] ?? ''}]`);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
