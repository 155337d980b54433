import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sleep } from '../../core/abort.ts';
import { UserError } from '../../core/errors.ts';
import { isAlive } from '../../core/process-identity.ts';
import { readRecord, type ServerRecord } from './server-record.ts';

const startWithinMs = 30_000;
const stopWithinMs = 15_000;

export interface EmbeddedHome {
  /** Folder of the embedded cluster. */
  readonly folder: string;
  /** Our own program, which the server process runs too. */
  readonly program: string;
  readonly signal: AbortSignal;
}

/** The running embedded cluster, started as a process of its own if there is none. It goes on when we end. */
export async function ensureEmbedded(home: EmbeddedHome): Promise<{ record: ServerRecord; started: boolean }> {
  const running = readRecord(home.folder);
  if (running) return { record: running, started: false };
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const logFile = path.join(home.folder, 'server.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(process.execPath, [home.program, 'embedded', 'serve'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let exitCode: number | null | undefined;
  child.once('exit', (code) => {
    exitCode = code;
  });
  child.unref();
  const startedAt = Date.now();
  for (;;) {
    const record = readRecord(home.folder);
    if (record) return { record, started: true };
    if (exitCode !== undefined || Date.now() - startedAt > startWithinMs) throw startError(logFile);
    await sleep(50, home.signal);
  }
}

/** Stops the cluster with all its containers and waits until it is gone. `false` if none ran. */
export async function stopEmbedded({ folder, signal }: Omit<EmbeddedHome, 'program'>): Promise<boolean> {
  const record = readRecord(folder);
  if (!record) return false;
  process.kill(record.pid, 'SIGTERM');
  const startedAt = Date.now();
  while (isAlive(record)) {
    if (Date.now() - startedAt > stopWithinMs) process.kill(record.pid, 'SIGKILL');
    await sleep(50, signal);
  }
  return true;
}

function startError(logFile: string): UserError {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim() : '';
  const [first = 'it said nothing', hint] = lines.replace(/^fatal\s+/, '').split('\n');
  return new UserError(
    'EMBEDDED_UNAVAILABLE',
    `The embedded cluster did not start: ${first.replace(/ \[\w+\]$/, '')}`,
    {
      ...(hint === undefined ? {} : { hint: hint.replace(/^\s*→ /, '') }),
    },
  );
}
