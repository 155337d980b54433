import type { KeyPath } from '../finding.ts';
import type { Edit } from './edit.ts';

/** The plain data with the edit made: what the edited text must mean. */
export function applyToData(data: unknown, edit: Edit): unknown {
  if (edit.kind === 'set') return change(data, edit.path, () => edit.value);
  if (edit.kind === 'append') return change(data, edit.path, (list): unknown[] => [...toList(list), edit.value]);
  return remove(data, edit.path) ?? {};
}

function change(data: unknown, path: KeyPath, to: (old: unknown) => unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return to(data);
  if (typeof first === 'number' && Array.isArray(data)) {
    return data.map((item: unknown, index) => (index === first ? change(item, rest, to) : item));
  }
  const map = toMap(data);
  return { ...map, [first]: change(map[first], rest, to) };
}

/** Nothing is left of a map or list that the removal made empty. */
function remove(data: unknown, path: KeyPath): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  if (Array.isArray(data)) {
    const items: unknown[] = data.flatMap((item: unknown, index) => {
      const kept = index === first ? remove(item, rest) : item;
      return kept === undefined ? [] : [kept];
    });
    return items.length === 0 ? undefined : items;
  }
  const entries = Object.entries(toMap(data)).flatMap(([key, value]): [string, unknown][] => {
    const kept = key === String(first) ? remove(value, rest) : value;
    return kept === undefined ? [] : [[key, kept]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function toMap(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : {};
}

function toList(data: unknown): unknown[] {
  return Array.isArray(data) ? data.map((item: unknown) => item) : [];
}
