import { createHash } from 'node:crypto';
import path from 'node:path';
import type { SyncConfig, UploadHook } from '../config/types.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { noRestartHelper, restartCommand, startCommand } from '../core/restart-helper.ts';
import { runProgram } from '../core/run-program.ts';
import { type CapturedCommand, captureCommand } from '../kube/captured-command.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { createExcludes } from './excludes.ts';
import { lstatIfThere } from './local-tree.ts';
import { batches, quote } from './quote.ts';

export interface UploadHookRun {
  readonly config: SyncConfig;
  readonly container: ContainerRef;
  readonly kube: KubeClient;
  readonly log: Log;
  /** Of the programs on this machine. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Runs what the entry wants to be run after an upload, one after the other, and starts the program of the container anew
 * if it wants that (our reference, `spec-sync.md` section 11). A failure is told, or ends the synchronisation with
 * `SYNC_HOOK` where the entry says so.
 */
export async function runUploadHooks(names: readonly string[], run: UploadHookRun): Promise<void> {
  await runCommands(names, run);
  if (run.config.restartsContainer) await restart(run);
}

async function runCommands(names: readonly string[], run: UploadHookRun): Promise<void> {
  for (const hook of run.config.onUpload) {
    if (!isMeant(hook, names)) continue;
    const title = hook.name ?? hook.command;
    try {
      const { code, output } = await runHook(hook, names, run);
      if (code === 0) {
        run.log.debug(`After the upload: ${title}`);
        continue;
      }
      throw new Error(`exit code ${code}: ${output.trim()}`);
    } catch (error) {
      if (run.signal.aborted) return;
      const words = `The command after an upload failed: ${title}: ${errorText(error)}`;
      if (hook.failOnError) throw new UserError('SYNC_HOOK', words, { cause: error });
      run.log.warn(words);
    }
  }
}

/** Entries that were told already why nothing is started anew. */
const told = new WeakSet<SyncConfig>();

async function restart(run: UploadHookRun): Promise<void> {
  const { config, container, kube, log, signal } = run;
  try {
    const { code, output } = await captureCommand(kube, container, { command: restartCommand, signal });
    if (code === 0) {
      log.info(`Restarted the program of container ${container.container}`);
      return;
    }
    if (code !== noRestartHelper) throw new Error(`exit code ${code}: ${output.trim()}`);
    if (told.has(config)) return;
    told.add(config);
    log.warn(
      `Container ${container.container} has no restart helper, so its program goes on as it is. Give its \`dev\` entry a \`command\` (v2beta1), or its image \`injectRestartHelper: true\`.`,
    );
  } catch (error) {
    if (!signal.aborted)
      log.warn(`The program of container ${container.container} was not restarted: ${errorText(error)}`);
  }
}

/** Lets the program of the container start, which has waited for its files. Rejects if that fails. */
export async function startProgram({
  container,
  kube,
  log,
  signal,
}: Pick<UploadHookRun, 'container' | 'kube' | 'log' | 'signal'>): Promise<void> {
  const { code, output } = await captureCommand(kube, container, { command: startCommand, signal });
  if (code === 0) log.info(`Started the program of container ${container.container}`);
  else if (code !== noRestartHelper) {
    throw new Error(`The program of container ${container.container} was not started: ${output.trim()}`);
  }
}

function isMeant({ onChange }: UploadHook, names: readonly string[]): boolean {
  if (onChange.length === 0) return true;
  const fits = createExcludes(onChange.map((pattern) => `/${pattern.replace(/^(\.\/|\/)+/, '')}`));
  return names.some((name) => fits(name, 'file'));
}

function runHook(hook: UploadHook, names: readonly string[], run: UploadHookRun): Promise<CapturedCommand> {
  if (hook.each) return runForEach(hook, names, run);
  return hook.where === 'local' ? runHere(hook, run) : runThere(hook, run);
}

/** Few enough that the command line stays below the few KiB that proxies let pass. */
const batchLimits = { most: 50, bytes: 1_500 };

/** Runs the command in the container for one path after the other, until it fails once. */
async function runForEach(
  { command, args, each }: UploadHook,
  names: readonly string[],
  { config: { localPath, containerPath }, kube, container, signal }: UploadHookRun,
): Promise<CapturedCommand> {
  const isMeantHere = (name: string) =>
    (lstatIfThere(path.join(localPath, name))?.isDirectory() ?? false) === (each === 'folder');
  const inPlaceOf = (text: string, by: string) => text.split('{}').map(quote).join(by);
  const line = args
    ? [command, ...args].map((word) => inPlaceOf(word, '"$r/$f"')).join(' ')
    : `sh -c ${quote(command.replaceAll('{}', '"$0"'))} "$r/$f"`;
  const script = `cd -- "$1" && r=$(pwd -P) || exit; shift; for f; do ${line} || exit; done`;
  for (const some of batches(names.filter(isMeantHere), batchLimits)) {
    const ran = await captureCommand(kube, container, {
      command: ['sh', '-c', script, 'sh', containerPath, ...some],
      signal,
    });
    if (ran.code !== 0) return ran;
  }
  return { code: 0, output: '' };
}

async function runHere(
  { command, args }: UploadHook,
  { config, env, signal }: UploadHookRun,
): Promise<CapturedCommand> {
  const [program, words] = args ? [command, args] : ['sh', ['-c', command]];
  const options = { program, args: words, cwd: config.localPath, env, signal };
  const { failure, exitCode, stdout, stderr } = await runProgram(options);
  return { code: failure === undefined ? exitCode : 127, output: failure ?? `${stdout}${stderr}` };
}

async function runThere({ command, args, once }: UploadHook, run: UploadHookRun): Promise<CapturedCommand> {
  const words = args ? [command, ...args] : ['sh', '-c', command];
  const marker = `/tmp/devspace-${createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16)}`;
  const onlyOnce = ['sh', '-c', 'm=$1; shift; [ -e "$m" ] || { "$@" && : >"$m"; }', 'sh', marker, ...words];
  const { kube, container, signal } = run;
  return captureCommand(kube, container, { command: once ? onlyOnce : words, signal });
}
