import { runProgram } from '../core/run-program.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export type GitAnswer =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly reason: string; readonly program: 'installed' | 'missing' };

/** Runs the git program and gives what it prints. It never asks for a password. */
export async function readGit(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const env = { ...options.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  const result = await runProgram({ ...options, env, program: 'git', args });
  if (result.failure !== undefined) return { ok: false, reason: result.failure, program: 'missing' };
  if (result.exitCode === 0) return { ok: true, output: result.stdout };
  const lines = result.stderr.trim().split('\n');
  return {
    ok: false,
    program: 'installed',
    reason: (lines.findLast((line) => line.startsWith('fatal:')) ?? lines.at(-1) ?? '').replace(/^fatal: /, ''),
  };
}
