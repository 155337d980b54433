import { readFile } from 'node:fs/promises';
import type { Edit } from '../../config/edit/edit.ts';
import { editText } from '../../config/edit/edit-text.ts';
import { toSuggestion } from '../../config/schema/suggestion.ts';
import { UserError } from '../../core/errors.ts';
import type { KubeconfigContext, KubeconfigFile } from '../../kube/kubeconfig-files.ts';
import type { ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { choose } from './choose.ts';
import { previousContexts } from './previous-context.ts';
import { replaceFile } from './write-file.ts';

export interface ListedContext {
  readonly name: string;
  readonly active: boolean;
  readonly cluster: string;
  readonly namespace: string;
}

export async function listContexts({ kube }: ProjectOptions, tools: Tools): Promise<ListedContext[]> {
  const files = await tools.kubeconfigFiles();
  const current = kube.context ?? currentContext(files);
  return contextsOf(files).map(({ name, cluster, namespace = 'default' }) => ({
    name,
    active: name === current,
    cluster,
    namespace,
  }));
}

/** Makes a context the current one of the kubeconfig. Without a name it is asked for. */
export async function useContext(name: string | undefined, options: ProjectOptions, tools: Tools): Promise<string> {
  const files = await tools.kubeconfigFiles();
  const names = contextsOf(files).map((context) => context.name);
  const question = { what: 'context', names, flag: 'devspace use context NAME', signal: options.signal };
  const chosen = name ?? (await choose(question, tools));
  if (!names.includes(chosen)) throw unknownContext(chosen, names);
  const file = fileOfCurrent(files);
  const previous = currentContext(files);
  if (!file || previous === chosen) return chosen;
  await edit(file, { kind: 'set', path: ['current-context'], value: chosen });
  await previousContexts(tools).set(file.path, previous);
  return chosen;
}

/** Back to the context that was current before `useContext` changed it. `USAGE` if it never did. */
export async function resetContext(tools: Tools): Promise<string> {
  const files = await tools.kubeconfigFiles();
  const file = fileOfCurrent(files);
  const memory = previousContexts(tools);
  const previous = file && (await memory.get(file.path));
  if (!file || previous === undefined) {
    throw new UserError('USAGE', 'No context was changed by `devspace use context`, so there is none to go back to', {
      hint: 'Name one: `devspace use context NAME`.',
    });
  }
  const names = contextsOf(files).map(({ name }) => name);
  if (!names.includes(previous)) throw unknownContext(previous, names);
  await edit(file, { kind: 'set', path: ['current-context'], value: previous });
  await memory.set(file.path, undefined);
  return previous;
}

/** The file that kubectl would change. */
const fileOfCurrent = (files: readonly KubeconfigFile[]): KubeconfigFile | undefined =>
  files.find(({ currentContext }) => currentContext !== undefined) ?? files[0];

/** Sets the namespace of the current context, or of `--kube-context`; `undefined` takes it away. */
export async function setNamespace(
  namespace: string | undefined,
  { kube }: ProjectOptions,
  tools: Tools,
): Promise<string> {
  const files = await tools.kubeconfigFiles();
  const context = kube.context ?? currentContext(files);
  if (context === undefined) {
    throw new UserError('KUBE_CONFIG', 'The kubeconfig has no current context.', {
      hint: 'Choose one with `devspace use context NAME`.',
    });
  }
  const file = files.find(({ contexts }) => contexts.some(({ name }) => name === context));
  if (!file) {
    throw unknownContext(
      context,
      contextsOf(files).map(({ name }) => name),
    );
  }
  const index = file.contexts.findIndex(({ name }) => name === context);
  const path = ['contexts', index, 'context', 'namespace'];
  if (namespace !== undefined) await edit(file, { kind: 'set', path, value: namespace });
  else if (file.contexts[index]?.namespace !== undefined) await edit(file, { kind: 'remove', path });
  return context;
}

/** Of a context that stands in several files the first one counts, as with kubectl. */
function contextsOf(files: readonly KubeconfigFile[]): KubeconfigContext[] {
  const all = files.flatMap(({ contexts }) => contexts);
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

function currentContext(files: readonly KubeconfigFile[]): string | undefined {
  return files.find(({ currentContext }) => currentContext !== undefined)?.currentContext;
}

async function edit(file: KubeconfigFile, change: Edit): Promise<void> {
  const text = await readFile(file.path, 'utf8');
  await replaceFile(file.path, editText(text, [change]));
}

function unknownContext(name: string, names: readonly string[]): UserError {
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? 'It has no context at all.' : `Contexts: ${names.join(', ')}.`;
  return new UserError('KUBE_CONFIG', `The kubeconfig has no context ${name}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
