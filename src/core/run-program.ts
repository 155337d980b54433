import { spawn } from 'node:child_process';
import { CancelledError, systemErrorCode } from './errors.ts';

export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** What the program can read; nothing without it. */
  readonly stdin?: string;
  /** How long it may take to clean up after an abort before it is killed; default 5 seconds. */
  readonly graceMs?: number;
}

export interface ProgramResult {
  /** Why the program could not be started at all. */
  readonly failure?: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultGraceMs = 5_000;

/** Runs a program and gives what it prints, at most 16 MB. An abort ends it, and rejects once it has ended. */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
  const { program, args, cwd, env, signal } = options;
  if (signal.aborted) throw new CancelledError('cancelled');
  if ([program, ...args, ...Object.values(env)].some((text) => text?.includes('\0'))) {
    return { failure: 'the command holds a NUL character', exitCode: 126, stdout: '', stderr: '' };
  }
  const input = options.stdin === undefined ? 'ignore' : 'pipe';
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: [input, 'pipe', 'pipe'], windowsHide: true });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // a program that does not read its input may end before it is written
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.stdin);
  return new Promise((resolve, reject) => {
    let kill: NodeJS.Timeout | undefined;
    const onAbort = () => {
      child.kill();
      kill = setTimeout(() => child.kill('SIGKILL'), options.graceMs ?? defaultGraceMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const finish = () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(kill);
    };
    child.once('error', (error) => {
      finish();
      const code = systemErrorCode(error);
      const failure =
        code === 'ENOENT' ? `the program ${program} is not installed` : `${program}: ${code ?? error.message}`;
      resolve({ failure, exitCode: 127, stdout: '', stderr: '' });
    });
    child.once('exit', () => {
      finish();
      // what it started itself may hold its output open
      if (signal.aborted) reject(new CancelledError('cancelled'));
    });
    child.once('close', (exitCode) => {
      resolve({ exitCode: exitCode ?? 1, stdout: stdout(), stderr: stderr() });
    });
  });
}

const maxOutputBytes = 16 * 1024 * 1024;

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxOutputBytes) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
