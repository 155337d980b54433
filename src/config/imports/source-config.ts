import { createHash } from 'node:crypto';
import { child, type Node } from '../document/node.ts';

/** Where another project or configuration is: a folder or file, an address, or a git repository. */
export interface SourceConfig {
  readonly path?: string;
  readonly git?: string;
  readonly subPath?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly revision?: string;
  readonly cloneArgs: readonly string[];
  readonly disableShallow: boolean;
  readonly disablePull: boolean;
}

export function toSourceConfig(node: Node): SourceConfig {
  const texts = Object.fromEntries(
    (['path', 'git', 'subPath', 'branch', 'tag', 'revision'] as const)
      .map((name) => [name, textOf(child(node, name))] as const)
      .filter(([, value]) => value),
  );
  const args = child(node, 'cloneArgs');
  return {
    ...texts,
    cloneArgs: args?.kind === 'sequence' ? args.items.map((item) => textOf(item) ?? '') : [],
    disableShallow: isTrue(child(node, 'disableShallow')),
    disablePull: isTrue(child(node, 'disablePull')),
  };
}

/** The name of the clone's folder, the same as the original's, so that both use one cache. */
export function cloneFolderName({ git = '', branch, tag, revision }: SourceConfig): string {
  const suffix = branch ? `@${branch}` : tag ? `@tag:${tag}` : revision ? `@revision:${revision}` : '';
  return toSafeName(git + suffix);
}

/** Lower-case letters, digits and hyphens, at most 63 of them. `spec-config.md` 9.1 of the reference. */
export function toSafeName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[@/.:\s]+/g, '-')
    .replace(/[^a-z0-9-]+/g, '');
  if (name.length <= 63) return name;
  return `${name.slice(0, 55)}-${createHash('sha256').update(name).digest('hex').slice(0, 7)}`.replaceAll('.-', '-');
}

function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? (node.text ?? String(node.value)) : undefined;
}

function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}
