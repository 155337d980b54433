import { type Entry, type MappingNode, type Node, stringAt, withEntry } from '../document/node.ts';

/** A merge patch as in RFC 7386: maps are merged key by key, null deletes, everything else replaces. */
export function mergePatch(base: Node | undefined, patch: Node): Node {
  if (patch.kind !== 'mapping') return patch;
  const entries = new Map<string, Entry>(base?.kind === 'mapping' ? base.entries : []);
  for (const [name, entry] of patch.entries) {
    if (isNull(entry.value)) entries.delete(name);
    else
      entries.set(name, {
        key: entries.get(name)?.key ?? entry.key,
        value: mergePatch(entries.get(name)?.value, entry.value),
      });
  }
  return { kind: 'mapping', entries, span: base?.kind === 'mapping' ? base.span : patch.span };
}

/**
 * A strategic merge patch with the rules of Kubernetes: like a merge patch, but lists whose elements have a `name` are
 * merged by it, and `$patch: delete` or `replace` say otherwise.
 */
export function strategicMerge(base: Node | undefined, patch: Node): Node {
  if (patch.kind === 'sequence') return mergeLists(base, patch.items) ?? patch;
  if (patch.kind !== 'mapping') return patch;
  if (stringAt(patch, '$patch') === 'replace') return withoutDirective(patch);
  const entries = new Map<string, Entry>(base?.kind === 'mapping' ? base.entries : []);
  for (const [name, entry] of withoutDirective(patch).entries) {
    if (isNull(entry.value)) entries.delete(name);
    else
      entries.set(name, {
        key: entries.get(name)?.key ?? entry.key,
        value: strategicMerge(entries.get(name)?.value, entry.value),
      });
  }
  return { kind: 'mapping', entries, span: base?.kind === 'mapping' ? base.span : patch.span };
}

/** Overrides of `devspace-configs.yaml`: maps are merged, everything else replaces; null replaces as well. */
export function override(base: Node, patch: Node): Node {
  if (base.kind !== 'mapping' || patch.kind !== 'mapping') return patch;
  let merged: MappingNode = base;
  for (const [name, entry] of patch.entries) {
    const earlier = base.entries.get(name);
    merged = withEntry(merged, name, {
      key: entry.key,
      value: earlier ? override(earlier.value, entry.value) : entry.value,
    });
  }
  return merged;
}

function mergeLists(base: Node | undefined, items: readonly Node[]): Node | undefined {
  if (base?.kind !== 'sequence') return undefined;
  const isNamed = (node: Node): boolean => stringAt(node, 'name') !== undefined;
  if (!items.every(isNamed) || !base.items.every(isNamed)) return undefined;
  const result = [...base.items];
  for (const item of items) {
    const index = result.findIndex((earlier) => stringAt(earlier, 'name') === stringAt(item, 'name'));
    const earlier = result[index];
    if (stringAt(item, '$patch') === 'delete') {
      if (earlier) result.splice(index, 1);
    } else if (earlier) {
      result[index] = strategicMerge(earlier, item);
    } else {
      result.push(item.kind === 'mapping' ? withoutDirective(item) : item);
    }
  }
  return { ...base, items: result };
}

function withoutDirective(node: MappingNode): MappingNode {
  if (!node.entries.has('$patch')) return node;
  const entries = new Map(node.entries);
  entries.delete('$patch');
  return { ...node, entries };
}

function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}
