import { stat } from 'node:fs/promises';
import path from 'node:path';
import { errorAt, type Problem, shownPath } from './diagnostics.ts';
import type { MappingNode, Node } from './document/node.ts';
import { parseYaml } from './document/parse.ts';
import { readSource } from './document/read.ts';
import type { FoundConfig } from './find.ts';
import { configNames, readNamedConfig } from './named-configs.ts';

/** A configuration as it was written, before imports, profiles and variables. */
export interface WrittenDocument {
  readonly root: MappingNode;
  /** Definitions of variables that stand in another file; in new versions they are in `vars`. */
  readonly vars?: Node;
  readonly problems: readonly Problem[];
  /** Of `devspace-configs.yaml`: the one that is used and all that there are. */
  readonly namedConfig?: string;
  readonly namedConfigs: readonly string[];
}

export interface ReadOptions {
  readonly cwd: string;
  readonly projectRoot: string;
  /** The active one of `devspace-configs.yaml`. */
  readonly namedConfig: string;
}

/**
 * Reads the file that was found, and for `devspace-configs.yaml` the files that the active configuration names. Without
 * a map that could be looked at, `root` is absent and there is at least one problem.
 */
export async function readDocument(
  found: FoundConfig,
  options: ReadOptions,
): Promise<WrittenDocument | { readonly root?: undefined; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const read = async (file: string): Promise<Node> => {
    const source = await readSource(file, shownPath(file, options.cwd));
    const parsed = parseYaml(source);
    problems.push(...parsed.problems);
    const start = { source, start: 0, end: 1 };
    if (!parsed.root && parsed.problems.length === 0) {
      problems.push(errorAt(start, [], source.text.trim() === '' ? 'the file is empty' : 'the file has only comments'));
    }
    return parsed.root ?? { kind: 'mapping', entries: new Map(), span: start };
  };

  const root = await read(found.path);
  if (problems.some(({ severity }) => severity === 'error') && root.kind !== 'mapping') return { problems };
  if (found.kind === 'configs') {
    const named = await readNamedConfig(root, options.namedConfig, { projectRoot: options.projectRoot, read });
    return {
      root: named.root,
      ...(named.vars ? { vars: named.vars } : {}),
      problems: [...problems, ...named.problems],
      namedConfig: named.name,
      namedConfigs: configNames(root),
    };
  }
  if (root.kind !== 'mapping') {
    const what = root.kind === 'sequence' ? 'a list' : 'a single value';
    return {
      problems: [...problems, errorAt(root.span, [], `the file must be a map of keys and values, found ${what}`)],
    };
  }
  if (root.entries.size === 0 && problems.length > 0) return { problems };
  const vars = await readVarsFile(options.projectRoot, root, read);
  return { root, ...(vars ? { vars } : {}), problems, namedConfigs: [] };
}

/** `devspace-vars.yaml` beside a file of the versions that had no `vars`. */
async function readVarsFile(
  projectRoot: string,
  root: MappingNode,
  read: (file: string) => Promise<Node>,
): Promise<Node | undefined> {
  const version = root.entries.get('version')?.value;
  if (version?.kind !== 'scalar' || !/^v1alpha\d|^v1beta[12]$/.test(String(version.value))) return undefined;
  const file = path.join(projectRoot, 'devspace-vars.yaml');
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  return isThere ? read(file) : undefined;
}
