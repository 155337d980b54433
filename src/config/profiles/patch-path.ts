import { child, type Node } from '../document/node.ts';
import type { KeyPath } from '../finding.ts';
import { type Condition, holds, parseCondition } from './patch-condition.ts';

/** One step of a patch path. */
export type Step =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'any' }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number }
  | { readonly kind: 'descend'; readonly name: string }
  | { readonly kind: 'filter'; readonly condition: Condition };

export interface PatchPath {
  /** Written as a JSON pointer: then what is not there is a mistake. */
  readonly isPointer: boolean;
  readonly steps: readonly Step[];
}

/**
 * Reads a patch path in any form that the versions know: `/a/0/b` and `/a/-`, `a.b[0].c`, `$.a["b c"]`, `a.name=x.b`,
 * `a[?(@.name=='x')].b`, `a[*]`, `a[1:3]`, `a[-]`, `a..b`. Nothing when the path cannot be read. `spec-config.md` 10.2 of the
 * reference.
 */
export function parsePatchPath(text: string): PatchPath | undefined {
  if (text.startsWith('/')) return { isPointer: true, steps: pointerSteps(text) };
  const steps = dotSteps(text.replace(/^\$?\.?(?=[^.])/, '').replace(/^\$$/, ''));
  return steps && { isPointer: false, steps };
}

/** The paths of everything that the steps lead to, in the order of the document. */
export function findMatches(root: Node, steps: readonly Step[]): KeyPath[] {
  let found: { path: KeyPath; node: Node }[] = [{ path: [], node: root }];
  for (const step of steps) found = found.flatMap(({ path, node }) => follow(node, path, step));
  return found.map(({ path }) => path);
}

function pointerSteps(text: string): Step[] {
  const parts = text
    .slice(1)
    .split('/')
    .filter((part, index, all) => part !== '' || index < all.length - 1);
  return parts.map((part): Step => {
    if (part === '*') return { kind: 'any' };
    if (part === '-') return { kind: 'end' };
    if (/^\d+$/.test(part)) return { kind: 'index', index: Number(part) };
    return { kind: 'key', name: part.replaceAll('~1', '/').replaceAll('~0', '~') };
  });
}

function dotSteps(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const token = nextToken(rest, steps.length === 0);
    if (!token) return undefined;
    steps.push(token.step);
    rest = rest.slice(token.length);
  }
  return steps;
}

interface Token {
  readonly step: Step;
  readonly length: number;
}

function nextToken(rest: string, isFirst: boolean): Token | undefined {
  if (rest.startsWith('[')) return bracketToken(rest);
  const dots = /^\.{0,2}/.exec(rest)?.[0].length ?? 0;
  if (dots === 0 && !isFirst) return undefined;
  const word = rest.slice(dots);
  if (dots > 0 && word.startsWith('[')) return bracketToken(word, dots);
  const filter = /^([^.[\]=]+)=((?:\$\{[^}]*\}|[^.=<>~[\]])+)/.exec(word);
  if (filter) {
    const condition: Condition = [[{ path: [filter[1] ?? ''], operator: '==', value: filter[2] ?? '' }]];
    return { step: { kind: 'filter', condition }, length: dots + filter[0].length };
  }
  const name = /^[^.[\]]+/.exec(word)?.[0];
  if (name === undefined) return undefined;
  const length = dots + name.length;
  if (name === '*') return { step: { kind: 'any' }, length };
  return { step: dots === 2 ? { kind: 'descend', name } : { kind: 'key', name }, length };
}

function bracketToken(rest: string, skipped = 0): Token | undefined {
  const slice = /^\[(-?\d*):(-?\d*)\]/.exec(rest);
  if (slice) {
    const from = Number(slice[1] ?? 0);
    const to = slice[2] ? Number(slice[2]) : Number.POSITIVE_INFINITY;
    return { step: { kind: 'slice', from, to }, length: skipped + slice[0].length };
  }
  const match = /^\[(?:(-?\d+)|(-)|(\*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\?\((.*?)\)(?=\])|([^\]?*"']+))\]/.exec(
    rest,
  );
  if (!match) return undefined;
  const [whole, index, end, any, double, single, condition, bare] = match;
  const length = skipped + whole.length;
  if (index !== undefined) return { step: { kind: 'index', index: Number(index) }, length };
  if (end !== undefined) return { step: { kind: 'end' }, length };
  if (any !== undefined) return { step: { kind: 'any' }, length };
  if (condition !== undefined) {
    const parsed = parseCondition(condition);
    return parsed && { step: { kind: 'filter', condition: parsed }, length };
  }
  return { step: { kind: 'key', name: (double ?? single ?? bare ?? '').replace(/\\(.)/g, '$1') }, length };
}

function follow(node: Node, path: KeyPath, step: Step): { path: KeyPath; node: Node }[] {
  const to = (part: string | number): { path: KeyPath; node: Node }[] => {
    const next = child(node, part);
    return next ? [{ path: [...path, part], node: next }] : [];
  };
  switch (step.kind) {
    case 'key':
      return node.kind === 'mapping' ? to(step.name) : [];
    case 'index':
      if (node.kind === 'mapping') return to(String(step.index));
      return node.kind === 'sequence' ? to(step.index < 0 ? node.items.length + step.index : step.index) : [];
    case 'end':
      return [];
    case 'any':
      return partsOf(node).flatMap(to);
    case 'slice':
      return node.kind === 'sequence' ? partsOf(node).slice(step.from, step.to).flatMap(to) : [];
    case 'descend':
      return [
        ...to(step.name),
        ...partsOf(node).flatMap((part) => to(part).flatMap((next) => follow(next.node, next.path, step))),
      ];
    case 'filter':
      return partsOf(node).flatMap((part) => to(part).filter((next) => holds(step.condition, next.node)));
  }
}

function partsOf(node: Node): (string | number)[] {
  if (node.kind === 'mapping') return [...node.entries.keys()];
  return node.kind === 'sequence' ? node.items.map((_, index) => index) : [];
}
