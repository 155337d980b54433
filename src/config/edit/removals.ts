import { UserError } from '../../core/errors.ts';
import { at, child, type Node, stringAt, toData } from '../document/node.ts';
import type { KeyPath } from '../finding.ts';
import { toSuggestion } from '../schema/suggestion.ts';
import type { Change } from './change.ts';
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
      return named(root, ['dev', 'selectors'], change.name);
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

function syncPaths(root: Node, { local, container }: Extract<Change, { readonly kind: 'remove sync' }>): KeyPath[] {
  const fits = (localPath: string, containerPath: string): boolean =>
    (local === undefined || local === localPath) && (container === undefined || container === containerPath);
  const old = at(root, ['dev', 'sync']);
  const oldPaths = matching(['dev', 'sync'], old?.kind === 'sequence' ? old.items : [], (item) =>
    fits(stringAt(item, 'localSubPath') ?? '.', stringAt(item, 'containerPath') ?? '.'),
  );
  const newPaths = listsOf(root, 'sync').flatMap(({ path, items }) =>
    matching(path, items, (item) => {
      const [first = '.', second] = (stringAt(item, 'path') ?? '.').split(/:(?!\\)/);
      return fits(first, second ?? first);
    }),
  );
  return [...oldPaths, ...newPaths];
}

/** `ports` or `sync` of every entry under `dev` and of its containers, as the newest version has them. */
function listsOf(root: Node, name: 'ports' | 'sync'): { path: KeyPath; items: readonly Node[] }[] {
  const pods = child(root, 'dev');
  if (pods?.kind !== 'mapping') return [];
  return [...pods.entries].flatMap(([pod, { value }]) => {
    const containers = child(value, 'containers');
    const inner = containers?.kind === 'mapping' ? [...containers.entries.keys()] : [];
    const paths: KeyPath[] = [['dev', pod, name], ...inner.map((key) => ['dev', pod, 'containers', key, name])];
    return paths.flatMap((path) => {
      const list = at(root, path);
      return list?.kind === 'sequence' ? [{ path, items: list.items }] : [];
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
