import { UserError } from '../../core/errors.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { choose } from './choose.ts';
import { setNamespace } from './contexts.ts';

export interface ListedNamespace {
  readonly name: string;
  /** The namespace of the run. */
  readonly active: boolean;
  /** `Active` or `Terminating`, as Kubernetes says it. */
  readonly status: string;
}

export async function listNamespaces(
  { kube: choice, signal }: ProjectOptions,
  tools: Tools,
): Promise<ListedNamespace[]> {
  const kube = await tools.kube(choice);
  const namespaces = await kube.list({ ...namespaceKind, namespace: '' }, signal);
  return namespaces.map(({ metadata, status }) => ({
    name: metadata.name,
    active: metadata.name === kube.namespace,
    status: phaseOf(status),
  }));
}

export interface NamespaceWish {
  /** Absent: it is asked for. */
  readonly name?: string | undefined;
  readonly whenMissing: 'create' | 'fail';
}

/** Makes a namespace of the cluster the default of the current context. */
export async function useNamespace(wish: NamespaceWish, options: ProjectOptions, tools: Tools): Promise<string> {
  const { signal } = options;
  const kube = await tools.kube(options.kube);
  const name = wish.name ?? (await chooseNamespace(options, tools));
  if (!(await kube.read({ ...namespaceKind, name }, signal))) await makeNamespace(name, { kube, wish, signal });
  await setNamespace(name, options, tools);
  return name;
}

const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' };

async function chooseNamespace(options: ProjectOptions, tools: Tools): Promise<string> {
  const names = (await listNamespaces(options, tools)).map((namespace) => namespace.name);
  const question = { what: 'namespace', names, flag: 'devspace use namespace NAME', signal: options.signal };
  return choose(question, tools);
}

async function makeNamespace(
  name: string,
  { kube, wish, signal }: { readonly kube: KubeClient; readonly wish: NamespaceWish; readonly signal: AbortSignal },
): Promise<void> {
  if (wish.whenMissing === 'fail') {
    throw new UserError('KUBE_NOT_FOUND', `The cluster has no namespace ${name}`, {
      hint: `Create it with \`devspace use namespace ${name} --create\`.`,
    });
  }
  const options = { defaultNamespace: 'default', conflicts: 'fail' as const, signal };
  await kube.apply({ ...namespaceKind, metadata: { name } }, options);
}

function phaseOf(status: unknown): string {
  const hasPhase = typeof status === 'object' && status !== null && 'phase' in status;
  return hasPhase && typeof status.phase === 'string' ? status.phase : '';
}
