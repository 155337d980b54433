import { spawn } from 'node:child_process';
import { CancelledError, systemErrorCode } from './errors.ts';

export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface ProgramResult {
  /** Why the program could not be started at all. */
  readonly failure?: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without input and gives what it prints, at most 16 MB. An abort ends it and rejects. */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
  const { program, args, cwd, env, signal } = options;
  if (signal.aborted) throw new CancelledError('cancelled');
  if ([program, ...args, ...Object.values(env)].some((text) => text?.includes('\0'))) {
    return { failure: 'the command holds a NUL character', exitCode: 126, stdout: '', stderr: '' };
  }
  const child = spawn(program, args, {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    windowsHide: true,
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      if (signal.aborted) return reject(new CancelledError('cancelled', { cause: error }));
      const code = systemErrorCode(error);
      const failure =
        code === 'ENOENT' ? `the program ${program} is not installed` : `${program}: ${code ?? error.message}`;
      resolve({ failure, exitCode: 127, stdout: '', stderr: '' });
    });
    child.once('close', (exitCode) => {
      if (signal.aborted) return reject(new CancelledError('cancelled'));
      resolve({ exitCode: exitCode ?? 1, stdout: stdout(), stderr: stderr() });
    });
  });
}

const maxOutputBytes = 16 * 1024 * 1024;

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxOutputBytes) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
