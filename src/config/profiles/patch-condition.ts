import { child, type Node } from '../document/node.ts';

/** Comparisons that must all hold, in groups of which one is enough. */
export type Condition = readonly (readonly Comparison[])[];

interface Comparison {
  /** Below the element: `@.a.b`. */
  readonly path: readonly string[];
  readonly operator: '==' | '!=' | 'exists' | '=~' | '<' | '<=' | '>' | '>=';
  readonly value: string;
}

/** Reads what stands in `[?(…)]`, such as `@.name=='app' || @.port>=80`. Nothing when it cannot be read. */
export function parseCondition(text: string): Condition | undefined {
  const groups = text.split('||').map((group) => group.split('&&').map(parseComparison));
  return groups.every(isComplete) ? groups : undefined;
}

export function holds(condition: Condition, element: Node): boolean {
  return condition.some((group) => group.every((comparison) => compare(comparison, element)));
}

function isComplete(group: readonly (Comparison | undefined)[]): group is Comparison[] {
  return group.every((comparison) => comparison !== undefined);
}

function parseComparison(text: string): Comparison | undefined {
  const match = /^\s*@((?:\.[^.\s=!<>~[\]]+|\[['"][^'"]+['"]\])*)\s*(?:(==|!=|=~|<=|>=|<|>)\s*(.+?))?\s*$/s.exec(text);
  if (!match) return undefined;
  const path = [...(match[1] ?? '').matchAll(/\.([^.[]+)|\[['"]([^'"]+)['"]\]/g)].map(
    ([, plain, quoted]) => plain ?? quoted ?? '',
  );
  const value = (match[3] ?? '').replace(/^(['"])(.*)\1$/s, '$2');
  return { path, operator: (match[2] as Comparison['operator'] | undefined) ?? 'exists', value };
}

function compare({ path, operator, value }: Comparison, element: Node): boolean {
  let found: Node | undefined = element;
  for (const part of path) found = child(found, part);
  if (operator === 'exists') return found !== undefined;
  if (found?.kind !== 'scalar') return operator === '!=';
  const actual = found.value === null ? 'null' : String(found.value);
  switch (operator) {
    case '==':
      return actual === value;
    case '!=':
      return actual !== value;
    case '=~':
      return matches(value.replace(/^\/(.*)\/$/s, '$1'), actual);
    case '<':
      return Number(actual) < Number(value);
    case '<=':
      return Number(actual) <= Number(value);
    case '>':
      return Number(actual) > Number(value);
    case '>=':
      return Number(actual) >= Number(value);
  }
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}
