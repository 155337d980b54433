import { UserError } from '../core/errors.ts';
import { shownPath } from './diagnostics.ts';
import { at, child, type Node, toData } from './document/node.ts';
import { toPlace } from './document/source.ts';
import { type KeyPath, toDottedPath } from './finding.ts';
import type { LoadedProject } from './loaded-project.ts';
import { parsePatchPath } from './profiles/patch-path.ts';
import type { VariableOrigin } from './variables/resolver.ts';
import { secretMask } from './variables/variables.ts';

/** Where one value of the configuration came from. */
export interface Explanation {
  /** The key that was asked for. */
  readonly path: string;
  /** The key as the file has it, in the version that it declares. */
  readonly writtenPath: string;
  /** Secrets are masked. */
  readonly value: unknown;
  /** Relative to the current folder where possible. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text before variables were filled in, when that made a difference. */
  readonly written?: string;
  readonly profile?: string;
  readonly variables: readonly { readonly name: string; readonly origin: VariableOrigin; readonly value: string }[];
  /** The command of an expression. */
  readonly expression?: string;
}

/**
 * Explains a key such as `dev.app.sync[0].path`, as `devspace print` shows it or as the file has it. A key that is not
 * there is `USAGE`; the hint names what is there.
 */
export function explain(project: LoadedProject, key: string, cwd: string): Explanation {
  const path = toKeyPath(key);
  const root = project.stages.variables;
  const declared = project.origins.toDeclared(path);
  const isDeclared = !hasPath(project.model, path) || !at(root, declared);
  const writtenPath = isDeclared ? path : declared;
  const node = at(root, writtenPath);
  if (!node) throw unknownKey(project, path);
  const source = node.span.source;
  const written = textOf(at(project.stages.profiles, writtenPath));
  const variables = [...new Set(variablesOf(node))].flatMap((name) => {
    const found = project.resolver.resolved.get(name);
    if (!found) return [];
    return [{ name, origin: found.origin, value: found.isSecret ? secretMask : String(found.value ?? '') }];
  });
  const isSecret = variables.some(({ value }) => value === secretMask);
  return {
    path: key,
    writtenPath: toDottedPath(writtenPath),
    value: isSecret ? secretMask : toData(node),
    file: shownPath(source.path, cwd),
    ...toPlace(node.span),
    ...(written !== undefined && node.via?.variables ? { written } : {}),
    ...(node.via?.profile === undefined ? {} : { profile: node.via.profile }),
    variables,
    ...(node.via?.expression === undefined ? {} : { expression: node.via.expression }),
  };
}

/** Reads `a.b[0]["c d"]`. */
function toKeyPath(key: string): KeyPath {
  const steps = parsePatchPath(key)?.steps;
  const path = steps?.map((step) => (step.kind === 'key' ? step.name : step.kind === 'index' ? step.index : undefined));
  if (!path || path.length === 0 || path.includes(undefined)) {
    throw new UserError('USAGE', `${key} is no key`, { hint: 'Write it like `dev.app.sync[0].path`.' });
  }
  return path.filter((part) => part !== undefined);
}

function hasPath(data: unknown, path: KeyPath): boolean {
  let current = data;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return false;
    current = Object.entries(current).find(([name]) => name === String(part))?.[1];
  }
  return true;
}

function unknownKey(project: LoadedProject, path: KeyPath): UserError {
  let length = path.length - 1;
  while (length > 0 && !at(project.stages.variables, path.slice(0, length))) length -= 1;
  const nearest = at(project.stages.variables, path.slice(0, length));
  const names = nearest?.kind === 'mapping' ? [...nearest.entries.keys()] : [];
  const where = length === 0 ? 'The file has' : `${toDottedPath(path.slice(0, length))} has`;
  const known = nearest?.kind === 'sequence' ? `${nearest.items.length} entries` : names.join(', ') || 'no keys';
  return new UserError('USAGE', `${toDottedPath(path)} is not set`, { hint: `${where}: ${known}.` });
}

function variablesOf(node: Node): string[] {
  const own = [...(node.via?.variables ?? [])];
  if (node.kind === 'sequence') return [...own, ...node.items.flatMap(variablesOf)];
  if (node.kind === 'mapping') return [...own, ...[...node.entries.keys()].flatMap((key) => below(node, key))];
  return own;
}

function below(node: Node, key: string): string[] {
  const value = child(node, key);
  return value ? variablesOf(value) : [];
}

function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? (node.text ?? String(node.value)) : undefined;
}
