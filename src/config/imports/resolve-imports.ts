import path from 'node:path';
import { UserError } from '../../core/errors.ts';
import { shownPath, toConfigError } from '../diagnostics.ts';
import { child, type MappingNode, type Node } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';
import { readSource } from '../document/read.ts';
import { placeText } from '../document/source.ts';
import { toDefinitions } from '../variables/definition.ts';
import { type ExpressionContext } from '../variables/expression.ts';
import { fillVariables } from '../variables/fill.ts';
import type { Resolver } from '../variables/resolver.ts';
import { applyImports, type ImportedFile } from './apply-imports.ts';
import { configFileOf, type FetchOptions, fetchSource } from './fetch-source.ts';
import { toSourceConfig } from './source-config.ts';

export interface ImportOptions {
  readonly projectRoot: string;
  readonly resolver: Resolver;
  readonly expressions: ExpressionContext;
  readonly fetch: Omit<FetchOptions, 'basePath'>;
}

/** The file with all its imports. The variables of `imports` are filled with what is defined up to then. */
export async function resolveImports(root: MappingNode, options: ImportOptions): Promise<MappingNode> {
  if (!root.entries.has('imports')) return root;
  const { resolver, expressions } = options;
  return applyImports(root, options.projectRoot, {
    fill: async (entry, current) => {
      resolver.define(toDefinitions(child(current, 'vars')));
      return fillVariables(entry, { resolver, expressions, includes: () => true });
    },
    open: (entry, basePath) => openSource(entry, { ...options.fetch, basePath }),
    folderOf: (file) => path.dirname(file),
    signal: expressions.signal,
  });
}

/** Fetches the source that a node names and reads its configuration file. */
export async function openSource(source: Node, options: FetchOptions): Promise<ImportedFile> {
  const file = configFileOf(await fetchSource(toSourceConfig(source), options));
  const parsed = parseYaml(await readImported(file, source, options.cwd));
  const errors = parsed.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw toConfigError(errors, options.cwd);
  if (parsed.root?.kind === 'mapping') return { path: file, root: parsed.root };
  throw new UserError('CONFIG_IMPORT', `${placeText(source.span)}: ${file} has no map of keys and values`);
}

async function readImported(file: string, source: Node, cwd: string): ReturnType<typeof readSource> {
  try {
    return await readSource(file, shownPath(file, cwd));
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'CONFIG_NOT_FOUND') throw error;
    const place = placeText(source.span);
    throw new UserError(
      'CONFIG_IMPORT',
      `${place}: the file ${shownPath(file, cwd)} that is named here does not exist`,
      { cause: error },
    );
  }
}
