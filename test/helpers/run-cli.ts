import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { type Io, run } from '../../src/cli/main.ts';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** The home folder is no project, so it must not be `cwd`. */
const homeOf = (cwd: string): string => path.join(cwd, 'home');

/** Runs a command line in this process, with streams that are no terminal. */
export async function runCli(argv: readonly string[], { cwd, env = {}, stdin = '' }: CliOptions): Promise<CliResult> {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  input.end(stdin);
  const io = { stdin: input, stdout: output, stderr: errors, env: { HOME: homeOf(cwd), ...env }, cwd } as unknown as Io;
  const text = { stdout: '', stderr: '' };
  output.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString();
  });
  errors.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString();
  });
  const code = await run(argv, io);
  return { code, ...text };
}

const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');

export interface Started {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
  /** What it has written so far. */
  readonly text: { stdout: string; stderr: string };
}

/** Starts the built program as people do. */
export function startCli(argv: readonly string[], { cwd, env = {}, stdin }: CliOptions): Started {
  const { PATH, DEVSPACE_NO_COMPILE_CACHE = '1' } = process.env;
  const child = spawn(process.execPath, [program, ...argv], {
    cwd,
    env: { PATH, HOME: homeOf(cwd), DEVSPACE_NO_COMPILE_CACHE, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString();
  });
  if (stdin !== undefined) child.stdin.end(stdin);
  const result = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }));
  return { child, result, text };
}
