import path from 'node:path';
import { errorText, systemErrorCode } from '../../core/errors.ts';
import { makeProjectFolder } from '../../core/project-folder.ts';
import type { SavedAnswers } from '../variables/resolver.ts';
import { type LastContext, readOriginalState } from './original-state.ts';
import { openSecretBox, type SecretBox } from './secrets.ts';
import {
  readStateFile,
  type SavedVariable,
  type StateData,
  setAside,
  stateVersion,
  writeStateFile,
} from './state-file.ts';

export interface StateOptions {
  readonly projectRoot: string;
  /** Absolute path of the configuration file: each has its own state. */
  readonly configPath: string;
  /** The user's DevSpace folder. */
  readonly userFolder: string;
  readonly warn: (message: string) => void;
}

/**
 * What a project remembers from run to run, in `.devspace/state.json`; what the original remembered counts where ours
 * says nothing. Nothing is written before `save`. A state that is damaged, read-only or from a newer version costs a
 * warning, never an answer: a damaged file is renamed when something is saved, a newer one is never written.
 */
export interface ProjectState {
  readonly answers: SavedAnswers;
  readonly names: readonly string[];
  readonly activeProfile: string | undefined;
  readonly activeConfig: string | undefined;
  readonly lastContext: LastContext | undefined;
  forget(names: readonly string[]): void;
  useProfile(name: string | undefined): void;
  useConfig(name: string | undefined): void;
  rememberContext(context: LastContext): void;
  /** Writes what changed; without changes nothing. Other processes' changes of other entries survive. */
  save(): Promise<void>;
}

export async function openState(options: StateOptions): Promise<ProjectState> {
  const folder = path.join(options.projectRoot, '.devspace');
  const configName = path.basename(options.configPath);
  const file = path.join(folder, stateFileName(configName));
  const read = await readStateFile(file);
  if (read.kind === 'corrupt') options.warn(`${file} is damaged and is not used; it will be kept under another name`);
  if (read.kind === 'newer') options.warn(`${file} was written by a newer DevSpace; it is not used and not changed`);
  const data: StateData = read.kind === 'read' ? read.data : { version: stateVersion };
  const original = await readOriginalState(folder, configName, options.warn);
  const own = await readAnswers(data, options);
  const answers = new Map<string, string>();
  for (const [name, value] of original.vars) if (!Object.hasOwn(data.vars ?? {}, name)) answers.set(name, value);
  for (const [name, value] of own) answers.set(name, value);

  const changes: Changes = { vars: new Map() };
  return {
    answers: {
      get: (name) => answers.get(name),
      keep(name, answer, kind) {
        answers.set(name, answer);
        changes.vars.set(name, { answer, kind });
      },
    },
    get names() {
      return [...answers.keys()];
    },
    get activeProfile() {
      return pick(changes.activeProfile, data.activeProfile, original.activeProfile);
    },
    get activeConfig() {
      return pick(changes.activeConfig, data.activeConfig, original.activeConfig);
    },
    get lastContext() {
      return changes.lastContext ?? data.lastContext ?? original.lastContext;
    },
    forget(names) {
      for (const name of names) {
        answers.delete(name);
        changes.vars.set(name, null);
      }
    },
    useProfile: (name) => void (changes.activeProfile = name ?? null),
    useConfig: (name) => void (changes.activeConfig = name ?? null),
    rememberContext: (context) => void (changes.lastContext = context),
    save: () => saveChanges(file, changes, options),
  };
}

/** Each configuration file has a state of its own; the usual name needs no suffix. */
function stateFileName(configName: string): string {
  return configName === 'devspace.yaml' ? 'state.json' : `state-${configName}.json`;
}

interface Changes {
  readonly vars: Map<string, { readonly answer: string; readonly kind: 'secret' | 'plain' } | null>;
  activeProfile?: string | null;
  activeConfig?: string | null;
  lastContext?: LastContext;
}

function pick(...values: readonly (string | null | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined) ?? undefined;
}

async function readAnswers(data: StateData, { userFolder, warn }: StateOptions): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  let box: SecretBox | undefined;
  for (const [name, saved] of Object.entries(data.vars ?? {})) {
    if (!saved) continue;
    if ('value' in saved) {
      answers.set(name, saved.value);
      continue;
    }
    box ??= await openSecretBox(userFolder);
    const answer = box.open(saved.secret);
    if (answer === undefined) warn(`The saved answer for ${name} cannot be read with your key; it is asked for again`);
    else answers.set(name, answer);
  }
  return answers;
}

async function saveChanges(file: string, changes: Changes, options: StateOptions): Promise<void> {
  const { vars, ...rest } = changes;
  if (vars.size === 0 && Object.keys(rest).length === 0) return;
  try {
    const read = await readStateFile(file);
    if (read.kind === 'newer') return;
    if (read.kind === 'corrupt') options.warn(`The damaged state is kept as ${await setAside(file)}`);
    const data: StateData = read.kind === 'read' ? read.data : { version: stateVersion };
    makeProjectFolder(options.projectRoot);
    await writeStateFile(file, { ...data, ...rest, vars: { ...data.vars, ...(await sealed(vars, options)) } });
    vars.clear();
  } catch (error) {
    options.warn(
      `${file} cannot be written, answers are not remembered: ${systemErrorCode(error) ?? errorText(error)}`,
    );
  }
}

async function sealed(
  vars: Changes['vars'],
  { userFolder }: StateOptions,
): Promise<Record<string, SavedVariable | null>> {
  const hasSecret = [...vars.values()].some((entry) => entry?.kind === 'secret');
  const box = hasSecret ? await openSecretBox(userFolder) : undefined;
  const result: Record<string, SavedVariable | null> = {};
  for (const [name, entry] of vars) {
    if (!entry) result[name] = null;
    else result[name] = box && entry.kind === 'secret' ? { secret: box.seal(entry.answer) } : { value: entry.answer };
  }
  return result;
}
