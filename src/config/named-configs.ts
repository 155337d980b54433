import path from 'node:path';
import { UserError } from '../core/errors.ts';
import { errorAt, type Problem } from './diagnostics.ts';
import { child, type MappingNode, type Node, scalar, stringAt, withEntry, withoutEntry } from './document/node.ts';
import type { KeyPath } from './finding.ts';
import { override } from './profiles/merge.ts';
import { toSuggestion } from './schema/suggestion.ts';

export interface NamedConfig {
  readonly name: string;
  readonly root: MappingNode;
  /** The definitions of variables that belong to this configuration. */
  readonly vars?: Node;
  readonly problems: readonly Problem[];
}

export interface NamedConfigContext {
  /** All paths of the file are relative to it. */
  readonly projectRoot: string;
  readonly read: (file: string) => Promise<Node>;
}

/**
 * One configuration of `devspace-configs.yaml`: its base with all overrides merged on top, in their order. Maps are
 * merged key by key, lists are replaced as a whole. `spec-config.md` 2.8 of the reference; unlike there all paths are
 * relative to the project.
 */
export async function readNamedConfig(file: Node, name: string, context: NamedConfigContext): Promise<NamedConfig> {
  const problems: Problem[] = [];
  const entry = selectEntry(file, name);
  checkKeys(entry, [name], ['config', 'vars', 'overrides'], problems);
  const load = (node: Node | undefined, at: KeyPath): Promise<Node | undefined> =>
    loadPart(node, at, { ...context, problems });

  const base = await load(child(entry, 'config'), [name, 'config']);
  if (!child(entry, 'config')) problems.push({ ...errorAt(entry.span, [name], '`config` is missing'), at: 'key' });
  let root = toVersioned(base?.kind === 'mapping' ? base : emptyConfig(entry));
  const overrides = child(entry, 'overrides');
  for (const [index, node] of (overrides?.kind === 'sequence' ? overrides.items : []).entries()) {
    const part = await load(node, [name, 'overrides', index]);
    if (part?.kind !== 'mapping') continue;
    const merged = override(root, withoutEntry(part, 'version'));
    if (merged.kind === 'mapping') root = merged;
  }
  const vars = child(entry, 'vars');
  const definitions = vars?.kind === 'sequence' ? vars : await load(vars, [name, 'vars']);
  return { name, root, ...(definitions ? { vars: definitions } : {}), problems };
}

export function configNames(file: Node | undefined): string[] {
  return file?.kind === 'mapping' ? [...file.entries.keys()] : [];
}

function selectEntry(file: Node, name: string): Node {
  const entry = child(file, name);
  if (entry) return entry;
  const names = configNames(file);
  const known = names.length === 0 ? 'The file has none.' : `Configurations: ${names.join(', ')}.`;
  if (name === 'default') {
    throw new UserError('CONFIG_PROFILE', 'No configuration is selected', {
      hint: `Select one with \`devspace use config NAME\`. ${known}`,
    });
  }
  const meant = toSuggestion(name, names);
  throw new UserError('CONFIG_PROFILE', `There is no configuration ${name} in devspace-configs.yaml`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}

interface PartContext extends NamedConfigContext {
  readonly problems: Problem[];
}

/** Exactly one of `path` and `data`. */
async function loadPart(node: Node | undefined, at: KeyPath, context: PartContext): Promise<Node | undefined> {
  if (!node) return undefined;
  if (node.kind !== 'mapping') {
    context.problems.push(errorAt(node.span, at, 'expected a map with `path` or `data`'));
    return undefined;
  }
  checkKeys(node, at, ['path', 'data'], context.problems);
  const file = stringAt(node, 'path');
  const data = child(node, 'data');
  if ((file === undefined) === (data === undefined)) {
    const what = data ? 'both `path` and `data` are given' : 'either `path` or `data` is needed';
    context.problems.push(errorAt(node.span, at, what));
    return undefined;
  }
  return file === undefined ? data : context.read(path.resolve(context.projectRoot, file));
}

function checkKeys(node: Node, at: KeyPath, allowed: readonly string[], problems: Problem[]): void {
  if (node.kind !== 'mapping') return;
  for (const [name, { key }] of node.entries) {
    if (allowed.includes(name)) continue;
    const meant = toSuggestion(name, allowed);
    const problem = errorAt(key, [...at, name], `unknown key "${name}"`);
    problems.push({ ...problem, at: 'key', allowed: allowed.join(', '), ...(meant ? { suggestion: meant } : {}) });
  }
}

/** A configuration without a version is one of the newest that knew this file. */
function toVersioned(root: MappingNode): MappingNode {
  if (root.entries.has('version')) return root;
  return withEntry(root, 'version', { key: root.span, value: scalar('v1beta2', root.span) });
}

function emptyConfig(entry: Node): MappingNode {
  return { kind: 'mapping', entries: new Map(), span: entry.span };
}
