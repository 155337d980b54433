import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type IPty, spawn as spawnPty } from '@lydell/node-pty';
import { afterEach } from 'vitest';

export const program = path.resolve(import.meta.dirname, '../../../bin/devspace.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
}

/** Runs the real program without a terminal. */
export function devspace(args: readonly string[], start: Start): Promise<Finished> {
  return runToEnd(process.execPath, [program, ...args], start);
}

/** Runs any program so. */
export async function runToEnd(command: string, args: readonly string[], start: Start): Promise<Finished> {
  const { cwd, env = {}, stdin } = start;
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

export interface Screen {
  readonly pty: IPty;
  /** Everything that was shown so far. */
  readonly shown: () => string;
  /** Waits until the text since the last call of `type` fits. */
  waitFor(pattern: RegExp, seconds?: number): Promise<string>;
  type(keys: string): void;
  /** Exit code and signal of the program. */
  readonly exited: Promise<{ readonly exitCode: number; readonly signal?: number }>;
}

/** Screens that are closed after each test, so that a test that fails does not leave its run to the next one. */
export function useScreens(): (screen: Screen) => Screen {
  const screens: Screen[] = [];
  afterEach(async () => {
    for (const screen of screens.splice(0)) {
      screen.pty.kill();
      await screen.exited;
    }
  });
  return (screen) => {
    screens.push(screen);
    return screen;
  };
}

/** Runs the real program in a pseudo-terminal of 100 columns and 30 rows. */
export function devspaceOnTerminal(args: readonly string[], start: Start): Screen {
  return onTerminal(process.execPath, [program, ...args], start);
}

/** Runs any program in such a terminal. */
export function onTerminal(command: string, args: readonly string[], { cwd, env = {} }: Start): Screen {
  const merged = { ...process.env, TERM: 'xterm', ...env } as Record<string, string>;
  const pty = spawnPty(command, [...args], { cwd, env: merged, cols: 100, rows: 30 });
  let all = '';
  let sinceType = 0;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  pty.onData((data) => {
    all += data;
    wake();
  });
  let ended: { exitCode: number; signal?: number } | undefined;
  const exited = new Promise<{ exitCode: number; signal?: number }>((resolve) =>
    pty.onExit((end) => {
      ended = end;
      resolve(end);
      wake();
    }),
  );
  return {
    pty,
    exited,
    shown: () => all,
    waitFor: (pattern, seconds = 60) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          waiting.delete(check);
          clearTimeout(timer);
          act();
        };
        const fail = (why: string) => settle(() => reject(new Error(`${why} before ${pattern}:\n${all}`)));
        const check = () => {
          const text = all.slice(sinceType);
          if (pattern.test(text)) settle(() => resolve(text));
          else if (ended) fail(`ended with ${ended.exitCode}`);
        };
        const timer = setTimeout(() => fail('time was over'), seconds * 1000);
        waiting.add(check);
        check();
      }),
    type(keys) {
      sinceType = all.length;
      pty.write(keys);
    },
  };
}
