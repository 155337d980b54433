import { UserError } from '../../core/errors.ts';
import { at, child, type Node, stringAt, toData } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';
import type { Change, Labels } from './change.ts';
import type { Edit } from './edit.ts';
import { editText } from './edit-text.ts';
import { removalOf } from './removals.ts';

/**
 * The text of the file with the change made, in the shape of the version that it declares. The other lines stay byte for
 * byte. Something that is there already, or is not there to remove, is `CONFIG_EDIT`.
 */
export function changeText(text: string, change: Change): string {
  const root = readRoot(text);
  const isNewest = stringAt(root, 'version') === 'v2beta1';
  const edits = additionOf(change, root, isNewest ? 'maps' : 'lists');
  return editText(text, edits ?? removalOf(change, root));
}

/** How a version keeps deployments, ports and sync: in maps by name since v2beta1, in lists before. */
type Shape = 'maps' | 'lists';

function additionOf(change: Change, root: Node, shape: Shape): Edit[] | undefined {
  switch (change.kind) {
    case 'add image':
      return addImage(change, root);
    case 'add deployment':
      return addDeployment(change, root, shape);
    case 'add port':
      return addPort(change, root, shape);
    case 'add sync':
      return addSync(change, root, shape);
    case 'add selector':
      return addSelector(change, root);
    default:
      return undefined;
  }
}

type ChangeOf<Kind extends Change['kind']> = Extract<Change, { readonly kind: Kind }>;

function addImage({ name, image, tag, dockerfile, context }: ChangeOf<'add image'>, root: Node): Edit[] {
  refuseExisting(at(root, ['images', name]), `The image ${name}`);
  const version = stringAt(root, 'version') ?? '';
  const hasTagList = !/^v1alpha|^v1beta[1-6]$/.test(version);
  const value = {
    image,
    ...(tag === undefined ? {} : hasTagList ? { tags: [tag] } : { tag }),
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(context === undefined ? {} : { context }),
  };
  return [{ kind: 'set', path: ['images', name], value }];
}

function addDeployment(change: ChangeOf<'add deployment'>, root: Node, shape: Shape): Edit[] {
  const { name, namespace, manifests, chart, image } = change;
  const version = stringAt(root, 'version') ?? '';
  const component = { containers: [{ image: image ?? name }] };
  const body = manifests
    ? { kubectl: { manifests: [...manifests] } }
    : chart
      ? { helm: { chart: { ...chart } } }
      : /^v1alpha|^v1beta[1-3]$/.test(version)
        ? { component }
        : { helm: { ...(shape === 'lists' ? { componentChart: true } : {}), values: component } };
  const value = { ...(namespace === undefined ? {} : { namespace }), ...body };
  if (shape === 'maps') {
    refuseExisting(at(root, ['deployments', name]), `The deployment ${name}`);
    return [{ kind: 'set', path: ['deployments', name], value }];
  }
  refuseExisting(entryNamed(child(root, 'deployments'), name), `The deployment ${name}`);
  return [{ kind: 'append', path: ['deployments'], value: { name, ...value } }];
}

function addPort({ labels, port, remotePort, name }: ChangeOf<'add port'>, root: Node, shape: Shape): Edit[] {
  if (shape === 'lists') {
    const mapping = { port, ...(remotePort === port ? {} : { remotePort }) };
    return [{ kind: 'append', path: ['dev', 'ports'], value: { labelSelector: { ...labels }, forward: [mapping] } }];
  }
  const value = { port: port === remotePort ? String(port) : `${port}:${remotePort}` };
  return addToPod(root, labels, { name: name ?? `ports-${port}`, list: 'ports', value });
}

function addSync({ labels, local, container, excludes, name }: ChangeOf<'add sync'>, root: Node, shape: Shape): Edit[] {
  const more = excludes && excludes.length > 0 ? { excludePaths: [...excludes] } : {};
  if (shape === 'lists') {
    const value = { labelSelector: { ...labels }, localSubPath: local, containerPath: container, ...more };
    return [{ kind: 'append', path: ['dev', 'sync'], value }];
  }
  return addToPod(root, labels, {
    name: name ?? 'sync',
    list: 'sync',
    value: { path: `${local}:${container}`, ...more },
  });
}

interface PodAddition {
  readonly name: string;
  readonly list: 'ports' | 'sync';
  readonly value: unknown;
}

/** The entry under `dev` that has the same labels gets it, else a new one. */
function addToPod(root: Node, labels: Labels, { name, list, value }: PodAddition): Edit[] {
  const pods = child(root, 'dev');
  const wanted = JSON.stringify(Object.entries(labels).sort());
  for (const [podName, { value: pod }] of pods?.kind === 'mapping' ? pods.entries : []) {
    const selector = child(pod, 'labelSelector');
    const has = selector?.kind === 'mapping' ? Object.entries(toData(selector) ?? {}).sort() : [];
    if (JSON.stringify(has) === wanted) return [{ kind: 'append', path: ['dev', podName, list], value }];
  }
  refuseExisting(at(root, ['dev', name]), `The entry ${name} of dev`);
  return [{ kind: 'set', path: ['dev', name], value: { labelSelector: { ...labels }, [list]: [value] } }];
}

function addSelector({ name, labels, namespace }: ChangeOf<'add selector'>, root: Node): Edit[] {
  const version = stringAt(root, 'version') ?? '';
  if (!/^v1alpha|^v1beta[12]$/.test(version)) {
    throw new UserError('CONFIG_EDIT', `Files of the version ${version} have no named selectors`, {
      hint: 'Write `labelSelector` where the selector is used.',
    });
  }
  refuseExisting(entryNamed(at(root, ['dev', 'selectors']), name), `The selector ${name}`);
  const value = { name, ...(namespace === undefined ? {} : { namespace }), labelSelector: { ...labels } };
  return [{ kind: 'append', path: ['dev', 'selectors'], value }];
}

function readRoot(text: string): Node {
  const { root, problems } = parseYaml({ path: 'file', text });
  if (root?.kind === 'mapping' && !problems.some(({ severity }) => severity === 'error')) return root;
  throw new UserError('CONFIG_EDIT', 'The file has mistakes', {
    hint: 'Correct them first; `devspace print` lists them.',
  });
}

function refuseExisting(node: Node | undefined, what: string): void {
  if (node)
    throw new UserError('CONFIG_EDIT', `${what} is in the file already`, {
      hint: 'Remove it first or choose another name.',
    });
}

function entryNamed(list: Node | undefined, name: string): Node | undefined {
  return list?.kind === 'sequence' ? list.items.find((item) => stringAt(item, 'name') === name) : undefined;
}
