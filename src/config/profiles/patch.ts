import { child, type Entry, type MappingNode, type Node, withEntry, withoutEntry } from '../document/node.ts';
import type { KeyPath } from '../finding.ts';
import { findMatches, type PatchPath, parsePatchPath, type Step } from './patch-path.ts';

export interface Patch {
  readonly op: string;
  readonly path: string;
  /** Absent for `remove`. */
  readonly value?: Node;
}

export type Patched = { readonly root: Node } | { readonly mistake: string };

/**
 * Applies one patch. `remove` and `replace` of something that is not there are a mistake only for JSON pointers: with
 * the other forms nothing is removed, and the value is added. `spec-config.md` 10.2 of the reference.
 */
export function applyPatch(root: Node, patch: Patch): Patched {
  const path = parsePatchPath(patch.path);
  if (!path) return { mistake: `the path ${patch.path} cannot be read` };
  const matches = findMatches(root, path.steps);
  const { value } = patch;
  if (patch.op === 'remove') return remove(root, patch.path, path, matches);
  if (patch.op !== 'add' && patch.op !== 'replace') {
    return { mistake: `unknown op "${patch.op}"; allowed: add, remove, replace` };
  }
  if (!value) return { mistake: `the op ${patch.op} needs a value` };
  if (matches.length === 0) {
    if (patch.op === 'replace' && path.isPointer) return { mistake: `there is nothing at ${patch.path} to replace` };
    return create(root, patch.path, path.steps, value);
  }
  return patch.op === 'replace'
    ? { root: matches.reduce((result, match) => update(result, match, () => value), root) }
    : addAll(root, patch.path, matches, value);
}

function remove(root: Node, text: string, path: PatchPath, matches: readonly KeyPath[]): Patched {
  if (matches.length === 0 && path.isPointer) return { mistake: `there is nothing at ${text} to remove` };
  return { root: matches.toReversed().reduce(removeAt, root) };
}

function removeAt(root: Node, path: KeyPath): Node {
  const last = path.at(-1);
  if (last === undefined) return root;
  return update(root, path.slice(0, -1), (parent) => {
    if (parent.kind === 'mapping') return withoutEntry(parent, String(last));
    if (parent.kind === 'sequence') return { ...parent, items: parent.items.filter((_, index) => index !== last) };
    return parent;
  });
}

function addAll(root: Node, text: string, matches: readonly KeyPath[], value: Node): Patched {
  let result = root;
  for (const match of matches.toReversed()) {
    const last = match.at(-1);
    const target = match.reduce<Node | undefined>(child, result);
    if (target?.kind === 'sequence') {
      result = update(result, match, (node) => append(node, value));
    } else if (target?.kind === 'mapping' && value.kind === 'mapping') {
      result = update(result, match, (node) => addKeys(node, value));
    } else if (typeof last === 'number') {
      result = update(result, match.slice(0, -1), (node) => insert(node, last, value));
    } else if (target?.kind === 'scalar' && target.value === null) {
      result = update(result, match, () => value);
    } else {
      return { mistake: `${text} has a value already; use the op replace` };
    }
  }
  return { root: result };
}

/** A list is added element by element, unless the elements are lists themselves. */
function append(node: Node, value: Node): Node {
  if (node.kind !== 'sequence') return node;
  const isSpread = value.kind === 'sequence' && node.items.every(({ kind }) => kind !== 'sequence');
  return { ...node, items: [...node.items, ...(isSpread ? value.items : [value])] };
}

function addKeys(node: Node, value: MappingNode): Node {
  return node.kind === 'mapping' ? { ...node, entries: new Map([...node.entries, ...value.entries]) } : node;
}

function insert(node: Node, index: number, value: Node): Node {
  return node.kind === 'sequence' ? { ...node, items: node.items.toSpliced(index, 0, value) } : node;
}

/** Nothing is there yet: the parent gets the new key. Without a parent nothing is done, as in the original. */
function create(root: Node, text: string, steps: readonly Step[], value: Node): Patched {
  const last = steps.at(-1);
  if (!last) return { root: value };
  const parents = findMatches(root, steps.slice(0, -1));
  let result = root;
  for (const parent of parents) {
    const before = parent.reduce<Node | undefined>(child, result);
    const after = before && createIn(before, last, value);
    if (!after) return { mistake: `${text} does not lead to a place where a value can be added` };
    result = update(result, parent, () => after);
  }
  return { root: result };
}

function createIn(parent: Node, step: Step, value: Node): Node | undefined {
  if (parent.kind === 'sequence' && (step.kind === 'end' || step.kind === 'index')) {
    return { ...parent, items: [...parent.items, value] };
  }
  const isEmpty = parent.kind === 'scalar' && parent.value === null;
  if (isEmpty && step.kind === 'end') return { kind: 'sequence', items: [value], span: value.span };
  const name = step.kind === 'key' ? step.name : step.kind === 'index' ? String(step.index) : undefined;
  const isShortForm = parent.kind === 'scalar' && step.kind === 'key';
  const map: Node = isEmpty || isShortForm ? { kind: 'mapping', entries: new Map(), span: value.span } : parent;
  if (map.kind !== 'mapping' || name === undefined) return undefined;
  return withEntry(map, name, { key: value.span, value });
}

/** The tree with the node at the path replaced; everything else is shared. */
function update(node: Node, path: KeyPath, change: (node: Node) => Node): Node {
  const [first, ...rest] = path;
  if (first === undefined) return change(node);
  if (node.kind === 'sequence' && typeof first === 'number') {
    const item = node.items[first];
    return item ? { ...node, items: node.items.with(first, update(item, rest, change)) } : node;
  }
  if (node.kind === 'mapping') {
    const entry: Entry | undefined = node.entries.get(String(first));
    if (entry) return withEntry(node, String(first), { ...entry, value: update(entry.value, rest, change) });
  }
  return node;
}
