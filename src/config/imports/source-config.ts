import { child, type Node } from '../document/node.ts';
import { toSafeName } from '../versions/names.ts';

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

function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? (node.text ?? String(node.value)) : undefined;
}

function isTrue(node: Node | undefined): boolean {
  return node?.kind === 'scalar' && node.value === true;
}
