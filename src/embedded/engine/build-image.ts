import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, lstatSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import dockerignore from '@balena/dockerignore';
import type { ResolvedImage } from '../images/image.ts';
import { type ImageStore } from '../images/image-store.ts';
import { machineImage } from '../images/machine-image.ts';
import { familiarName, parseReference } from '../images/reference.ts';
import { removeFolder } from '../sandbox/remove-folder.ts';
import type { PodSandbox, SandboxHost } from '../sandbox/sandbox.ts';
import { applyConfigStep } from './config-step.ts';
import { applyCopyStep } from './copy-step.ts';
import { type Instruction, parseDockerfile } from './dockerfile.ts';
import { EngineError } from './engine-error.ts';
import { applyRunStep, runInLayer } from './run-step.ts';
import {
  type BuildMessage,
  type BuildRequest,
  type BuildRun,
  type Stage,
  stageId,
  stageImage,
  stageVariables,
} from './stage.ts';
import { expand, splitWords, toPairs, unquote } from './words.ts';

export interface BuildTools {
  /** The state folder. */
  readonly folder: string;
  readonly store: ImageStore;
  readonly sandbox: SandboxHost;
}

export interface BuildInput {
  readonly request: BuildRequest;
  /** A tar archive, plain or compressed. */
  readonly context: Readable;
  emit(message: BuildMessage): void;
  readonly signal: AbortSignal;
}

/**
 * Builds an image as the classic builder of the Docker Engine does and tells it in the same messages. Rejects with
 * `EngineError`: before the first message for mistakes in the request, after it for a failed instruction.
 */
export async function buildImage(tools: BuildTools, input: BuildInput): Promise<string> {
  const id = randomBytes(8).toString('hex');
  const folder = path.join(tools.folder, 'builds', id);
  await mkdir(path.join(folder, 'context'), { recursive: true });
  const stages: Stage[] = [];
  let pod: Promise<PodSandbox> | undefined;
  const run: BuildRun = {
    request: input.request,
    store: tools.store,
    folder,
    signal: input.signal,
    emit: (message) => input.emit(message),
    pod: () =>
      (pod ??= tools.sandbox.createPod({
        id: `build-${id}`,
        hostname: 'build',
        network: input.request.network,
        signal: input.signal,
      })),
    findRoot: (name) => findRoot(tools.store, stages, name),
  };
  const endBuild = tools.store.beginBuild();
  try {
    await unpackContext(run, input.context);
    const instructions = selectInstructions(parseDockerfile(await readDockerfile(run)), input.request.target);
    return await buildStages(run, stages, instructions);
  } finally {
    endBuild();
    await pod?.then((made) => made.remove()).catch(() => {});
    await removeFolder(folder);
  }
}

async function buildStages(run: BuildRun, stages: Stage[], instructions: readonly Instruction[]): Promise<string> {
  const globals: Record<string, string> = {};
  const consumed = new Set<string>();
  for (const [index, instruction] of instructions.entries()) {
    run.signal.throwIfAborted();
    run.emit({ stream: `Step ${index + 1}/${instructions.length} : ${instruction.shown}` });
    run.emit({ stream: '\n' });
    const stage = stages.at(-1);
    if (instruction.keyword === 'FROM') stages.push(openStage(run, instruction, globals));
    else if (instruction.keyword === 'ARG') declareArgs(run, { stage, text: instruction.text, globals, consumed });
    else if (stage) await applyStep(run, stage, instruction);
    const current = stages.at(-1);
    if (current) run.emit({ stream: ` ---> ${stageId(current).slice(7, 19)}\n` });
  }
  const last = stages.at(-1);
  if (!last) throw new EngineError(400, 'no build stage in current context');
  return finish(run, last, consumed);
}

function finish(run: BuildRun, stage: Stage, consumed: ReadonlySet<string>): string {
  const { labels, buildArgs, tags } = run.request;
  if (Object.keys(labels).length > 0) stage.config = { ...stage.config, Labels: { ...stage.config.Labels, ...labels } };
  const image = run.store.add({ layers: stage.layers, config: stage.config, history: stage.history });
  run.emit({ aux: { ID: image.id } });
  const unused = Object.keys(buildArgs).filter(
    (name) => !consumed.has(name) && !/^(https?|ftp|no|all)_proxy$/i.test(name),
  );
  if (unused.length > 0) {
    run.emit({ stream: `[Warning] One or more build-args [${unused.sort().join(' ')}] were not consumed\n` });
  }
  run.emit({ stream: `Successfully built ${image.id.slice(7, 19)}\n` });
  for (const tag of tags) {
    run.store.tag(image.id, tag);
    const reference = parseReference(tag);
    if (reference) run.emit({ stream: `Successfully tagged ${familiarName(reference)}\n` });
  }
  return image.id;
}

async function applyStep(run: BuildRun, stage: Stage, instruction: Instruction): Promise<void> {
  if (instruction.keyword === 'RUN') await applyRunStep(run, stage, instruction);
  else if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD')
    await applyCopyStep(run, stage, instruction);
  else applyConfigStep(stage, instruction);
  stage.history = [...stage.history, instruction.shown];
}

/** `FROM`: an earlier stage, an image of the store, or any other name, for which this machine's programs stand. */
function openStage(run: BuildRun, instruction: Instruction, globals: Readonly<Record<string, string>>): Stage {
  const [name = '', as, stageName] = splitWords(expand(instruction.text, globals)).map(unquote);
  if (name === '') throw new EngineError(400, 'base name should not be blank');
  const found = run.findRoot(name);
  const image = found && !found.standsForMachine ? found : standIn(run, name);
  const layers = image.layers.map((layer) => path.basename(layer));
  const alias = as?.toUpperCase() === 'AS' ? stageName?.toLowerCase() : undefined;
  return { name: alias, layers, config: image.config, history: [instruction.shown], args: {}, cmd: 'inherited' };
}

function standIn(run: BuildRun, name: string): ResolvedImage {
  if (name !== 'scratch' && !parseReference(name)) throw new EngineError(400, `invalid reference format: ${name}`);
  run.emit({
    stream: `${name} is not downloaded: the programs of this machine stand for it (Node.js ${process.version})\n`,
  });
  return machineImage(name);
}

function findRoot(store: ImageStore, stages: readonly Stage[], name: string): ResolvedImage | undefined {
  const stage =
    stages.find((entry) => entry.name === name.toLowerCase()) ??
    (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
  if (stage) return stageImage({ store }, stage);
  return store.resolveImage(name);
}

interface Declaration {
  readonly stage: Stage | undefined;
  readonly text: string;
  readonly globals: Record<string, string>;
  readonly consumed: Set<string>;
}

/** `ARG`: the value given to the build, else the default, else the value of the `ARG` before the first `FROM`. */
function declareArgs(run: BuildRun, { stage, text, globals, consumed }: Declaration): void {
  const { buildArgs } = run.request;
  for (const word of splitWords(expand(text, stage ? stageVariables(stage) : globals))) {
    const [pair] = word.includes('=') ? toPairs(word) : [];
    const name = pair?.[0] ?? word;
    if (name in buildArgs) consumed.add(name);
    const value = buildArgs[name] ?? pair?.[1] ?? (stage ? globals[name] : undefined);
    if (value !== undefined) (stage ? stage.args : globals)[name] = value;
  }
}

/** The instructions up to the end of the target stage. */
function selectInstructions(instructions: readonly Instruction[], target: string): readonly Instruction[] {
  if (target === '') return instructions;
  const starts = instructions.flatMap(({ keyword }, index) => (keyword === 'FROM' ? [index] : []));
  const named = starts.findIndex(
    (start) => splitWords(instructions[start]?.text ?? '')[2]?.toLowerCase() === target.toLowerCase(),
  );
  const stage = named >= 0 || !/^\d+$/.test(target) ? named : Number(target);
  if (stage < 0 || stage >= starts.length)
    throw new EngineError(400, `failed to reach build target ${target} in Dockerfile`);
  return instructions.slice(0, starts[stage + 1] ?? instructions.length);
}

/** The archive is unpacked inside the sandbox: whatever names and links it holds, it can write nowhere else. */
async function unpackContext(run: BuildRun, context: Readable): Promise<void> {
  const archive = path.join(run.folder, 'context.tar');
  await pipeline(context, createWriteStream(archive, { mode: 0o600 }), { signal: run.signal });
  const stage: Stage = { name: undefined, layers: [], config: {}, history: [], args: {}, cmd: 'inherited' };
  let words = '';
  const { exitCode, layer } = await runInLayer(run, stage, {
    argv: ['/bin/sh', '-c', '[ ! -s /dev/context.tar ] || tar -xf /dev/context.tar -C /dev/context'],
    container: {
      mounts: [
        { source: archive, target: '/dev/context.tar', readOnly: true },
        { source: path.join(run.folder, 'context'), target: '/dev/context', readOnly: false },
      ],
    },
    onOutput: (text) => {
      words += text;
    },
  });
  if (exitCode !== 0) throw new EngineError(400, `the build context is not a tar archive: ${words.trim()}`);
  await removeFolder(run.store.layerFolder(layer));
}

async function readDockerfile(run: BuildRun): Promise<string> {
  const { dockerfile } = run.request;
  const context = realpathSync(path.join(run.folder, 'context'));
  const file = path.join(context, dockerfile);
  if (!existsSync(file) || !realpathSync(file).startsWith(`${context}/`)) {
    throw new EngineError(500, `Cannot locate specified Dockerfile: ${dockerfile}`);
  }
  const text = await readFile(realpathSync(file), 'utf8');
  await removeIgnored(context, path.relative(context, file));
  return text;
}

/**
 * Clients send the Dockerfile and `.dockerignore` even if the latter excludes them, because the builder needs them;
 * the engine takes them out of the context then.
 */
async function removeIgnored(context: string, dockerfile: string): Promise<void> {
  const list = path.join(context, '.dockerignore');
  if (!lstatSync(list, { throwIfNoEntry: false })?.isFile()) return;
  const ignored = dockerignore().add(await readFile(list, 'utf8'));
  for (const name of ['.dockerignore', dockerfile]) {
    if (ignored.ignores(name)) await rm(path.join(context, name), { force: true });
  }
}
