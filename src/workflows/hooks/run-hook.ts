import { PassThrough, Readable } from 'node:stream';
import type { HookConfig } from '../../config/types.ts';
import { errorText, isCancelled, UserError } from '../../core/errors.ts';
import { lastWords } from '../../core/last-words.ts';
import type { TerminalIo } from '../../core/terminal-io.ts';
import { runLocally } from '../config/run-locally.ts';
import type { Run } from '../tools.ts';
import { copyForHook } from './copy.ts';
import type { HookContext } from './hook-context.ts';
import { findHookContainer, runInContainer, showLogs } from './in-container.ts';
import { waitForContainer } from './wait-for-container.ts';

/** So much of the end of what a silent hook printed is kept, to be shown if it fails. */
const shownCharacters = 64 * 1024;

/**
 * Runs one hook. Its output goes to stderr, since stdout belongs to the command. Rejects with `HOOK_FAILED` if it
 * fails; one that runs in the background only warns then, and ends with the run at the latest.
 */
export async function runHook(hook: HookConfig, context: HookContext, run: Run): Promise<void> {
  const title = hookTitle(hook);
  run.log.info(`Hook ${title} (${context.event})${hook.background ? ' in the background' : ''}`);
  const running = act(hook, context, run).catch((error: unknown) => {
    if (run.signal.aborted || isCancelled(error)) throw error;
    if (error instanceof UserError && error.code !== 'HOOK_FAILED') {
      throw new UserError(error.code, `Hook ${title} (${context.event}): ${error.message}`, {
        hint: error.hint,
        cause: error,
      });
    }
    throw new UserError('HOOK_FAILED', `Hook ${title} (${context.event}) failed: ${errorText(error)}`, {
      cause: error,
    });
  });
  if (!hook.background) return running;
  running.catch((error: unknown) => {
    if (!run.signal.aborted) run.log.warn(errorText(error));
  });
}

/** The hook's name, else the first line of what it does. */
export function hookTitle({ name, action }: HookConfig): string {
  if (name !== undefined) return name;
  if (action.kind !== 'command') return action.kind;
  const [first = ''] = action.command.trim().split('\n');
  return first.length > 40 ? `${first.slice(0, 40)}…` : first;
}

async function act(hook: HookConfig, context: HookContext, run: Run): Promise<void> {
  const { action, container } = hook;
  if (action.kind === 'command') return runCommandOf(hook, action, { context, run });
  if (!container) throw new Error('it names no container');
  if (action.kind === 'wait') return waitForContainer(action, container, { project: context.project, run });
  const place = await findHookContainer(container, context, run);
  await (action.kind === 'logs' ? showLogs(action, place, run) : copyForHook(action, place, run));
}

async function runCommandOf(
  { container, silent, name }: HookConfig,
  action: Command,
  { context, run }: { readonly context: HookContext; readonly run: Run },
): Promise<void> {
  const hidden = silent ? new PassThrough() : undefined;
  const words = hidden && lastWords(hidden, shownCharacters);
  const io = hidden ? quiet(hidden) : { stdin: run.io.stdin, stdout: run.io.stderr, stderr: run.io.stderr };
  const once = container?.once ? JSON.stringify([name, action]) : undefined;
  const code = container
    ? await runInContainer(action, { ...(await findHookContainer(container, context, run)), once, io }, run)
    : await runHere(action, context, { ...run, io });
  hidden?.end();
  if (code === 0) return;
  if (words?.()) run.io.stderr.write(`${words()}\n`);
  throw new Error(`exit code ${code}`);
}

const quiet = (output: PassThrough): TerminalIo => ({ stdin: Readable.from([]), stdout: output, stderr: output });

type Command = Extract<HookConfig['action'], { kind: 'command' }>;

function runHere({ command, args }: Command, context: HookContext, run: Run): Promise<number> {
  const env = { ...run.env, ...hookEnv(context) };
  const cwd = context.project.root;
  // the original's shell understands Bash, so Bash is taken where it is installed
  if (args === undefined) return runLocally({ candidates: ['bash', 'sh'], args: ['-c', command], cwd, env }, run);
  return runLocally({ candidates: [command], args, cwd, env }, run);
}

/** `DEVSPACE_HOOK_EVENT` and a variable for each fact. */
function hookEnv({ event, facts }: HookContext): Record<string, string> {
  const named = Object.entries(facts).map(([key, value]): [string, string] => [`DEVSPACE_HOOK_${key}`, value]);
  return { DEVSPACE_HOOK_EVENT: event, ...Object.fromEntries(named) };
}
