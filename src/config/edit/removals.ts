import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../core/errors.ts';
import { at, child, type Node, stringAt, toData } from '../document/node.ts';
import type { KeyPath } from '../finding.ts';
import { toSuggestion } from '../schema/suggestion.ts';
import type { Change, RemovedTarget } from './change.ts';
import type { Edit } from './edit.ts';

/** The edits that take something out; later list entries first, so that the positions stay right. */
export function removalOf(change: Change, root: Node): Edit[] {
  const paths = pathsToRemove(change, root);
  if (paths.length === 0) throw nothingToRemove(change, root);
  return paths.toReversed().map((path): Edit => ({ kind: 'remove', path }));
}

function pathsToRemove(change: Change, root: Node): KeyPath[] {
  switch (change.kind) {
    case 'remove image':
      return named(root, ['images'], change.name);
    case 'remove deployment':
      return named(root, ['deployments'], change.name);
    case 'remove selector':
      return selectorPaths(root, change);
    case 'remove port':
      return portPaths(root, change.port);
    case 'remove sync':
      return syncPaths(root, change);
    default:
      return [];
  }
}

function named(root: Node, section: KeyPath, name: string): KeyPath[] {
  const node = at(root, section);
  if (node?.kind === 'mapping') return node.entries.has(name) ? [[...section, name]] : [];
  const index = node?.kind === 'sequence' ? node.items.findIndex((item) => stringAt(item, 'name') === name) : -1;
  return index === -1 ? [] : [[...section, index]];
}

function portPaths(root: Node, port: number): KeyPath[] {
  const isPort = (item: Node): boolean => {
    const numbers = [child(item, 'port'), child(item, 'remotePort')].flatMap((value) =>
      value?.kind === 'scalar' ? String(value.value).split(':') : [],
    );
    return numbers.includes(String(port));
  };
  const lists = listsOf(root, 'ports');
  const old = at(root, ['dev', 'ports']);
  const paths = lists.flatMap(({ path, items }) => matching(path, items, isPort));
  for (const [index, entry] of (old?.kind === 'sequence' ? old.items : []).entries()) {
    const forward = child(entry, 'forward');
    if (forward?.kind !== 'sequence') continue;
    const found = matching(['dev', 'ports', index, 'forward'], forward.items, isPort);
    paths.push(...(found.length === forward.items.length ? [['dev', 'ports', index]] : found));
  }
  return paths;
}

function selectorPaths(root: Node, change: Extract<Change, { readonly kind: 'remove selector' }>): KeyPath[] {
  const selectors = at(root, ['dev', 'selectors']);
  return matching(['dev', 'selectors'], selectors?.kind === 'sequence' ? selectors.items : [], (item) => {
    const isNamed = change.name === undefined || stringAt(item, 'name') === change.name;
    return isNamed && selects(item, undefined, change);
  });
}

function syncPaths(root: Node, change: Extract<Change, { readonly kind: 'remove sync' }>): KeyPath[] {
  const { local, container } = change;
  const fits = (localPath: string, containerPath: string): boolean =>
    (local === undefined || local === localPath) && (container === undefined || container === containerPath);
  const old = at(root, ['dev', 'sync']);
  const oldPaths = matching(['dev', 'sync'], old?.kind === 'sequence' ? old.items : [], (item) => {
    const isFolder = fits(stringAt(item, 'localSubPath') ?? '.', stringAt(item, 'containerPath') ?? '.');
    return isFolder && selects(item, selectorOf(root, item), change);
  });
  const newPaths = listsOf(root, 'sync').flatMap(({ pod, path, items }) =>
    matching(path, items, (item) => {
      if (!selects(pod, undefined, change)) return false;
      const [first = '.', second] = (stringAt(item, 'path') ?? '.').split(/:(?!\\)/);
      return fits(first, second ?? first);
    }),
  );
  return [...oldPaths, ...newPaths];
}

/** Whether an entry, or else the named selector that it refers to, has the wanted labels and namespace. */
function selects(entry: Node, selector: Node | undefined, { labels, namespace }: RemovedTarget): boolean {
  const own = child(entry, 'labelSelector') ?? child(selector, 'labelSelector');
  const ownNamespace = stringAt(entry, 'namespace') ?? stringAt(selector, 'namespace');
  const hasLabels = labels === undefined || isDeepStrictEqual({ ...labels }, own && toData(own));
  return hasLabels && (namespace === undefined || namespace === ownNamespace);
}

function selectorOf(root: Node, entry: Node): Node | undefined {
  const selectors = at(root, ['dev', 'selectors']);
  const name = stringAt(entry, 'selector');
  if (name === undefined || selectors?.kind !== 'sequence') return undefined;
  return selectors.items.find((item) => stringAt(item, 'name') === name);
}

/** `ports` or `sync` of every entry under `dev` and of its containers, as the newest version has them. */
function listsOf(root: Node, name: 'ports' | 'sync'): { pod: Node; path: KeyPath; items: readonly Node[] }[] {
  const pods = child(root, 'dev');
  if (pods?.kind !== 'mapping') return [];
  return [...pods.entries].flatMap(([podName, { value: pod }]) => {
    const containers = child(pod, 'containers');
    const inner = containers?.kind === 'mapping' ? [...containers.entries.keys()] : [];
    const paths: KeyPath[] = [['dev', podName, name], ...inner.map((key) => ['dev', podName, 'containers', key, name])];
    return paths.flatMap((path) => {
      const list = at(root, path);
      return list?.kind === 'sequence' ? [{ pod, path, items: list.items }] : [];
    });
  });
}

function matching(path: KeyPath, items: readonly Node[], is: (item: Node) => boolean): KeyPath[] {
  return items.flatMap((item, index) => (is(item) ? [[...path, index]] : []));
}

function nothingToRemove(change: Change, root: Node): UserError {
  const what = change.kind.replace('remove ', '');
  const name = 'name' in change ? (change.name ?? '') : 'port' in change ? String(change.port) : '';
  const names = namesOf(change, root);
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? `The file has no ${what}.` : `There are: ${names.join(', ')}.`;
  return new UserError('CONFIG_EDIT', `There is no ${what}${name === '' ? ' that fits' : ` ${name}`}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}

function namesOf(change: Change, root: Node): string[] {
  const section =
    change.kind === 'remove image'
      ? ['images']
      : change.kind === 'remove deployment'
        ? ['deployments']
        : ['dev', 'selectors'];
  const node = at(root, section);
  if (change.kind === 'remove port' || change.kind === 'remove sync' || !node) return [];
  if (node.kind === 'mapping') return [...node.entries.keys()];
  const list: unknown = toData(node);
  return Array.isArray(list) && node.kind === 'sequence' ? node.items.map((item) => stringAt(item, 'name') ?? '') : [];
}
