import { CancelledError, isCancelled } from '../core/errors.ts';
import { createRedactor } from '../core/redact.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { ProjectOptions } from '../workflows/project.ts';
import { createTools } from './create-tools.ts';
import type { GlobalFlags } from './global-options.ts';
import { separateOwnArguments } from './own-arguments.ts';
import { parseCommandLine } from './program.ts';
import { renderError } from './render/error.ts';
import { createTerminalLog, type TerminalLog } from './terminal-ui/terminal-log.ts';
import { createTheme } from './terminal-ui/theme.ts';

export interface Io extends TerminalIo {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Absolute path of the program, to start it again for the embedded cluster. */
  readonly program: string;
}

/** Signals that end the run, with the exit code of a process that they killed. */
const endSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** After the first signal everything is closed in order; if that takes longer, the process just ends. */
const graceMs = 5_000;

/** Runs one command line and returns the exit code. The only place that decides about exit codes and signals. */
export async function run(words: readonly string[], io: Io): Promise<number> {
  const argv = separateOwnArguments(words);
  const redactor = createRedactor();
  const globals = peekGlobals(argv);
  const colorsOn = ({ isTTY }: NodeJS.WriteStream): 'on' | 'off' =>
    globals.colors && isTTY && io.env['NO_COLOR'] === undefined ? 'on' : 'off';
  const log = createTerminalLog({
    output: io.stderr,
    theme: createTheme(colorsOn(io.stderr)),
    redactor,
    verbosity: globals.verbosity,
    warnings: globals.warnings,
  });
  const detail = globals.verbosity === 'debug' ? 'with stack' : 'short';
  const signals = listenToSignals();
  try {
    const parsed = await parseCommandLine(argv, { write: (text) => io.stdout.write(text) });
    if (!parsed) return 0;
    const { definition, flags, args } = parsed;
    const canAsk = io.stderr.isTTY && io.stdin.isTTY;
    const { env, program, cwd } = io;
    const { signal } = signals;
    const stdoutColors = colorsOn(io.stdout);
    const world = { io, env, log, redactor, globals: parsed.globals, canAsk, stdoutColors, program, cwd, signal };
    const tools = createTools(world);
    const project = toProjectOptions(parsed.globals, cwd, signal);
    return await definition.run({ flags, args, project, tools, signal });
  } catch (error) {
    if (isCancelled(error) || signals.exitCode() !== undefined) return signals.exitCode() ?? endSignals.SIGINT;
    return showError(error, detail, log);
  } finally {
    signals.close();
    log.close();
  }
}

function toProjectOptions(globals: GlobalFlags, cwd: string, signal: AbortSignal): ProjectOptions {
  const { config, profile, var: vars, kubeContext, namespace, disableProfileActivation } = globals;
  return {
    cwd,
    configPath: config,
    profiles: profile,
    profileActivation: disableProfileActivation ? 'disabled' : 'enabled',
    vars,
    kube: { context: kubeContext, namespace },
    signal,
  };
}

function showError(error: unknown, detail: 'short' | 'with stack', log: TerminalLog): number {
  const { lines, exitCode } = renderError(error, detail);
  const [first = '', ...others] = lines;
  log.line('fatal', [first, ...others].join('\n'));
  return exitCode;
}

/** The flags that decide how even a wrong command line is answered. */
function peekGlobals(argv: readonly string[]): {
  readonly verbosity: 'debug' | 'normal' | 'silent';
  readonly warnings: 'shown' | 'hidden';
  readonly colors: boolean;
} {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  const verbosity = flags.includes('--debug') ? 'debug' : flags.includes('--silent') ? 'silent' : 'normal';
  const warnings = flags.includes('--no-warn') ? 'hidden' : 'shown';
  return { verbosity, warnings, colors: !flags.includes('--no-colors') };
}

interface Signals {
  readonly signal: AbortSignal;
  /** Of the signal that ended the run, if one did. */
  exitCode(): number | undefined;
  close(): void;
}

function listenToSignals(): Signals {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let grace: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    // the second signal means: at once
    if (exitCode !== undefined) process.exit(exitCode);
    const code = endSignals[name as keyof typeof endSignals];
    exitCode = code;
    grace = setTimeout(() => process.exit(code), graceMs);
    grace.unref();
    controller.abort(new CancelledError(`ended by ${name}`));
  };
  const names = Object.keys(endSignals) as (keyof typeof endSignals)[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    close() {
      clearTimeout(grace);
      for (const name of names) process.off(name, onSignal);
    },
  };
}
