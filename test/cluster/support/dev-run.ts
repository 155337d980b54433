import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const program = path.resolve(import.meta.dirname, '../../../bin/devspace.js');

export interface DevRun {
  readonly pid: number;
  /** Everything that it has printed so far. */
  readonly told: () => string;
  /** Waits for words of it. */
  waitFor(words: RegExp, seconds?: number): Promise<void>;
  /** Ctrl-C; the exit code. */
  interrupt(): Promise<number | null>;
  /** Its exit code when it ends by itself. */
  readonly ended: Promise<number | null>;
}

export interface DevStart {
  /** What `devspace.yaml` says under `dev`, as JSON. */
  readonly dev: object;
  readonly env: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Runs before it in the same process: `['unshare', '--user']`. */
  readonly wrapper?: readonly string[];
}

/** `devspace dev`, without a terminal, in a project that only develops; ended with the test. */
export function startDev({ dev, env, flags = [], wrapper = [] }: DevStart): DevRun {
  const folder = tempFolder();
  writeFiles(folder, { 'devspace.yaml': JSON.stringify({ version: 'v1beta9', dev }) });
  const [command = '', ...args] = [...wrapper, process.execPath, program, 'dev', ...flags];
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  return {
    pid: child.pid ?? 0,
    told: () => told,
    waitFor: async (words, seconds = 30) => {
      await waitFor(() => {
        if (!words.test(told)) throw new Error(`${words} is not in what it told:\n${told}`);
      }, seconds);
    },
    interrupt() {
      child.kill('SIGINT');
      return ended;
    },
    ended,
  };
}
