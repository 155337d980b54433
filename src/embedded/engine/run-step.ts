import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { BuildContainerOptions } from '../sandbox/container.ts';
import { removeFolder } from '../sandbox/remove-folder.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { shellOf } from './config-step.ts';
import type { Instruction } from './dockerfile.ts';
import { EngineError } from './engine-error.ts';
import { type BuildRun, hash, type Stage, stageImage, stageVariables } from './stage.ts';
import { toJsonStrings } from './words.ts';

/** Carries out `RUN`, or takes the layer that the same step made before. */
export async function applyRunStep(run: BuildRun, stage: Stage, instruction: Instruction): Promise<void> {
  if (Object.keys(instruction.flags).length > 0) {
    const [flag = ''] = Object.keys(instruction.flags);
    throw new EngineError(400, `the --${flag} option requires BuildKit, which is not part of the embedded engine`);
  }
  const argv = toJsonStrings(instruction.text) ?? [...shellOf(stage.config), instruction.text];
  const key = hash(['RUN', stage.layers, stage.config, stage.args, argv]);
  await withCache(run, stage, key, async () => {
    const env = { ...run.request.environment, ...stageVariables(stage) };
    const { exitCode, layer } = await runInLayer(run, stage, { argv, container: { env } });
    if (exitCode !== 0) {
      const words = `The command '${argv.join(' ')}' returned a non-zero code: ${exitCode}`;
      throw new EngineError(500, words, exitCode);
    }
    return layer;
  });
}

/** Adds the layer that `make` makes, or the one that is known under the key. */
export async function withCache(run: BuildRun, stage: Stage, key: string, make: () => Promise<string>): Promise<void> {
  const known = run.request.cache === 'use' ? run.store.cachedLayer(key) : undefined;
  if (known !== undefined) run.emit({ stream: ' ---> Using cache\n' });
  const layer = known ?? (await make());
  if (known === undefined) run.store.cacheLayer(key, layer);
  stage.layers = [...stage.layers, layer];
}

export interface LayerCommand {
  readonly argv: readonly string[];
  readonly container: Partial<BuildContainerOptions>;
  /** Where output goes; without it, into the stream of the build. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a command over the files of the stage and keeps what it wrote as a new layer, if it exits with 0. */
export async function runInLayer(
  run: BuildRun,
  stage: Stage,
  command: LayerCommand,
): Promise<{ exitCode: number; layer: string }> {
  const id = randomBytes(6).toString('hex');
  const writable = path.join(run.folder, id);
  await mkdir(writable);
  const shows = command.onOutput === undefined;
  if (shows) run.emit({ stream: ` ---> Running in ${id}\n` });
  const image = { ...stageImage(run, stage), config: { ...stage.config, Entrypoint: null, Cmd: null } };
  const { argv, container } = command;
  const options: BuildContainerOptions = { ...container, id, image, command: argv, writable, signal: run.signal };
  try {
    const exitCode = await runToEnd(run, options, command.onOutput);
    if (shows) run.emit({ stream: `Removing intermediate container ${id}\n` });
    return { exitCode, layer: exitCode === 0 ? await keepLayer(run, writable) : '' };
  } finally {
    await removeFolder(writable);
  }
}

async function runToEnd(
  run: BuildRun,
  options: BuildContainerOptions,
  onOutput: ((text: string) => void) | undefined,
): Promise<number> {
  const pod = await run.pod();
  const container = await pod.startContainer(options).catch((error: unknown) => {
    throw error instanceof SandboxError ? new EngineError(500, error.message) : error;
  });
  const onAbort = () => container.kill('SIGKILL');
  run.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const show = onOutput ?? ((text: string) => run.emit({ stream: text }));
    // the engine colours what a command writes to stderr
    const showError = onOutput ?? ((text: string) => run.emit({ stream: `\u001b[91m${text}\u001b[0m` }));
    const [exit] = await Promise.all([
      container.exited,
      drain(container.stdout, show),
      drain(container.stderr, showError),
    ]);
    run.signal.throwIfAborted();
    return exit.exitCode;
  } finally {
    run.signal.removeEventListener('abort', onAbort);
    await container.remove();
  }
}

async function drain(stream: Readable, show: (text: string) => void): Promise<void> {
  stream.setEncoding('utf8');
  for await (const text of stream) show(String(text));
}

/** What was written below `/usr` is a file system of its own; it becomes a part of the layer. */
async function keepLayer(run: BuildRun, writable: string): Promise<string> {
  const root = path.join(writable, 'root');
  const usr = path.join(writable, 'usr');
  if ((await readdir(usr)).length > 0) {
    await rm(path.join(root, 'usr'), { recursive: true, force: true });
    await rename(usr, path.join(root, 'usr'));
  }
  const layer = randomBytes(8).toString('hex');
  await rename(root, run.store.layerFolder(layer));
  return layer;
}
