import { type ProgramResult, runProgram } from '../../core/run-program.ts';

export interface ShellOptions {
  /** A line for the shell, or with `args` the name of a program. */
  readonly line: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Runs a line in a POSIX shell that knows the small commands of the original (`is_equal`, `is_os` …), or a program
 * directly. Bash is taken where it is installed, because the original's shell understands its syntax.
 */
export async function runShell({ line, args, cwd, env, signal }: ShellOptions): Promise<ProgramResult> {
  const own = { ...env, DEVSPACE_SKIP_PRELOAD: 'true' };
  if (args) return runProgram({ program: line, args, cwd, env: own, signal });
  const script = `${prelude}\n${line}`;
  const result = await runProgram({ program: 'bash', args: ['-c', script], cwd, env: own, signal });
  if (result.failure === undefined) return result;
  return runProgram({ program: 'sh', args: ['-c', script], cwd, env: own, signal });
}

/** `spec-config.md` 11.3 of the reference: what may be used in expressions besides programs. */
const prelude = [
  'is_equal() { [ "$1" = "$2" ]; }',
  'is_empty() { [ -z "$1" ]; }',
  'is_true() { [ "$1" = true ]; }',
  'is_in() { wanted=$1; shift; for item in $*; do [ "$item" = "$wanted" ] && return 0; done; return 1; }',
  'is_os() { for name in "$@"; do [ "$name" = "$(uname -s | tr A-Z a-z)" ] && return 0; done; return 1; }',
  'is_dependency() { return 1; }',
].join('\n');
