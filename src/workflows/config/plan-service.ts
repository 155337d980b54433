import { at, child, type MappingNode, type Node, stringAt, toData } from '../../config/document/node.ts';
import type { Edit } from '../../config/edit/edit.ts';
import type { KeyPath } from '../../config/finding.ts';
import { UserError } from '../../core/errors.ts';

/** Which pod a new port or folder is for. Without labels and a name it goes where the file has the like already. */
export interface ServiceTarget {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Name under `dev.selectors`, in the newest version under `dev`. */
  readonly selector?: string | undefined;
  readonly namespace?: string | undefined;
}

export type Service =
  | { readonly list: 'ports'; readonly port: number; readonly remotePort: number }
  | {
      readonly list: 'sync';
      readonly local: string;
      readonly container: string;
      readonly excludes: readonly string[];
    };

/** How to add a port or a folder in the shape of the version that the file declares. */
export function planService(root: MappingNode, target: ServiceTarget, service: Service): Edit {
  if (target.selector !== undefined) checkSelector(root, target.selector);
  return isNewest(root) ? planInPod(root, target, service) : planInList(root, target, service);
}

export const isNewest = (root: Node): boolean => stringAt(root, 'version') === 'v2beta1';

function planInList(root: MappingNode, target: ServiceTarget, service: Service): Edit {
  const keys = selectorKeys(root, target, service.list);
  if (service.list === 'sync') {
    const { local, container, excludes } = service;
    const value = {
      ...keys,
      localSubPath: local,
      containerPath: container,
      ...(excludes.length > 0 ? { excludePaths: [...excludes] } : {}),
    };
    return { kind: 'append', path: ['dev', 'sync'], value };
  }
  const { port, remotePort } = service;
  const value = { port, ...(remotePort === port ? {} : { remotePort }) };
  const ports = at(root, ['dev', 'ports']);
  const entries = ports?.kind === 'sequence' ? ports.items : [];
  const isAny = target.labels === undefined && target.selector === undefined;
  const index = entries.findIndex((entry) => isAny || fits(entry, keys));
  if (index >= 0) return { kind: 'append', path: ['dev', 'ports', index, 'forward'], value };
  return { kind: 'append', path: ['dev', 'ports'], value: { ...keys, forward: [value] } };
}

function planInPod(root: MappingNode, target: ServiceTarget, service: Service): Edit {
  const { list } = service;
  const value = toPodValue(service);
  const pod = selectPod(root, target, list);
  if (pod !== undefined) return { kind: 'append', path: ['dev', pod, list], value };
  const name = freeName(root, list === 'ports' ? `ports-${service.port}` : 'sync');
  return { kind: 'set', path: ['dev', name], value: { ...selectorKeys(root, target, list), [list]: [value] } };
}

function toPodValue(service: Service): Readonly<Record<string, unknown>> {
  if (service.list === 'ports') {
    const { port, remotePort } = service;
    return { port: port === remotePort ? String(port) : `${port}:${remotePort}` };
  }
  const { local, container, excludes } = service;
  return { path: `${local}:${container}`, ...(excludes.length > 0 ? { excludePaths: [...excludes] } : {}) };
}

function selectPod(root: MappingNode, target: ServiceTarget, list: 'ports' | 'sync'): string | undefined {
  if (target.selector !== undefined) return target.selector;
  const pods = podsOf(root);
  const { labels } = target;
  if (labels === undefined) return (pods.find(([, pod]) => child(pod, list)) ?? pods[0])?.[0];
  return pods.find(([, pod]) => fits(pod, selectorKeys(root, target, list)))?.[0];
}

/** The keys that say which pod is meant. An old file with one named selector means it where nothing else is said. */
function selectorKeys(
  root: MappingNode,
  { labels, selector, namespace }: ServiceTarget,
  list: 'ports' | 'sync',
): Record<string, unknown> {
  const own = namespace === undefined ? {} : { namespace };
  if (selector !== undefined) return { selector, ...own };
  if (labels !== undefined) return { labelSelector: { ...labels }, ...own };
  const [only, ...others] = selectorNames(root);
  if (!isNewest(root) && only !== undefined && others.length === 0) return { selector: only, ...own };
  const first = at(root, ['dev', list, 0, 'labelSelector']);
  const fallback = { 'app.kubernetes.io/component': firstComponent(root) ?? 'devspace' };
  return { labelSelector: first ? toData(first) : fallback, ...own };
}

function fits(entry: Node, keys: Readonly<Record<string, unknown>>): boolean {
  return ['selector', 'labelSelector', 'namespace'].every((key) => {
    const value = child(entry, key);
    return sorted(value ? toData(value) : undefined) === sorted(keys[key]);
  });
}

function sorted(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return JSON.stringify(Object.entries(value).sort());
}

function checkSelector(root: MappingNode, name: string): void {
  const names = isNewest(root) ? podsOf(root).map(([pod]) => pod) : selectorNames(root);
  if (names.includes(name)) return;
  const hint = names.length === 0 ? 'Use --label-selector instead.' : `There are: ${names.join(', ')}.`;
  throw new UserError('CONFIG_EDIT', `The file has no selector ${name}`, { hint });
}

function selectorNames(root: MappingNode): string[] {
  const list = at(root, ['dev', 'selectors']);
  return list?.kind === 'sequence' ? list.items.map((item) => stringAt(item, 'name') ?? '') : [];
}

function podsOf(root: MappingNode): [string, Node][] {
  const pods = child(root, 'dev');
  return pods?.kind === 'mapping' ? [...pods.entries].map(([name, { value }]) => [name, value]) : [];
}

function freeName(root: MappingNode, wish: string): string {
  const taken = podsOf(root).map(([name]) => name);
  let name = wish;
  for (let number = 2; taken.includes(name); number += 1) name = `${wish}-${number}`;
  return name;
}

/** Components carry this label; the first one is what the original takes. */
function firstComponent(root: MappingNode): string | undefined {
  const list = child(root, 'deployments');
  if (list?.kind !== 'sequence') return undefined;
  const component = list.items.find((item) => child(item, 'component') ?? at(item, ['helm', 'componentChart']));
  return stringAt(component, 'name');
}

/** The paths of everything of one kind, for `devspace remove KIND --all`. */
export function allOf(root: MappingNode, kind: 'image' | 'deployment' | 'port' | 'sync' | 'selector'): KeyPath[] {
  const candidates: KeyPath[] =
    kind === 'image' || kind === 'deployment'
      ? [[`${kind}s`]]
      : kind === 'selector'
        ? [['dev', 'selectors']]
        : servicePaths(root, kind === 'port' ? 'ports' : 'sync');
  return candidates.filter((path) => at(root, path));
}

function servicePaths(root: MappingNode, list: 'ports' | 'sync'): KeyPath[] {
  if (!isNewest(root)) return [['dev', list]];
  return podsOf(root).flatMap(([pod, node]): KeyPath[] => {
    const containers = child(node, 'containers');
    const names = containers?.kind === 'mapping' ? [...containers.entries.keys()] : [];
    return [['dev', pod, list], ...names.map((name) => ['dev', pod, 'containers', name, list])];
  });
}
