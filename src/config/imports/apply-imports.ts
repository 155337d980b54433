import { UserError } from '../../core/errors.ts';
import { child, type Entry, type MappingNode, type Node, stringAt, withEntry, withoutEntry } from '../document/node.ts';
import { placeText } from '../document/source.ts';

/** A file that another one imports, ready to be merged. */
export interface ImportedFile {
  readonly path: string;
  readonly root: MappingNode;
}

export interface ImportContext {
  /** Fills the variables of one entry of `imports`, with the definitions of the file as it is so far. */
  readonly fill: (entry: Node, root: MappingNode) => Promise<Node>;
  /** Fetches and reads the file that an entry names. */
  readonly open: (entry: Node, basePath: string) => Promise<ImportedFile>;
  readonly folderOf: (file: string) => string;
  readonly signal: AbortSignal;
}

/**
 * The file with everything it imports, also through imports of imports. What the importing file has itself wins; lists
 * are joined. A file that is imported a second time is left out, so circles end. `spec-config.md` 10.1 of the reference.
 */
export async function applyImports(root: MappingNode, basePath: string, context: ImportContext): Promise<MappingNode> {
  return addImports(root, basePath, context, new Set());
}

async function addImports(
  root: MappingNode,
  basePath: string,
  context: ImportContext,
  seen: Set<string>,
): Promise<MappingNode> {
  const imports = child(root, 'imports');
  const version = stringAt(root, 'version');
  let result = withoutEntry(root, 'imports');
  for (const [index, written] of (imports?.kind === 'sequence' ? imports.items : []).entries()) {
    context.signal.throwIfAborted();
    const entry = await context.fill(written, withEntry(result, 'imports', asEntry(imports ?? root)));
    const enabled = child(entry, 'enabled');
    if (enabled?.kind === 'scalar' && enabled.value === false) continue;
    const imported = await context.open(entry, basePath);
    if (seen.has(imported.path)) continue;
    seen.add(imported.path);
    requireSameVersion(version, imported, written, index);
    result = mergeImport(result, imported.root);
    const nested = imported.root.entries.get('imports');
    if (nested) {
      const folder = context.folderOf(imported.path);
      result = await addImports(withEntry(result, 'imports', nested), folder, context, seen);
    }
  }
  return result;
}

/** Of an imported file only these sections count. */
const importedSections = [
  'require',
  'vars',
  'dev',
  'deployments',
  'images',
  'pipelines',
  'commands',
  'functions',
  'pullSecrets',
  'dependencies',
  'profiles',
  'hooks',
  'localRegistry',
];

function mergeImport(root: MappingNode, imported: MappingNode): MappingNode {
  let result = root;
  for (const section of importedSections) {
    const entry = imported.entries.get(section);
    if (!entry || entry.value.kind === 'scalar') continue;
    const own = result.entries.get(section);
    result = withEntry(result, section, own ? { ...own, value: mergeSection(own.value, entry.value) } : entry);
  }
  return result;
}

function mergeSection(own: Node, imported: Node): Node {
  if (own.kind === 'scalar' && own.value === null) return imported;
  if (own.kind === 'sequence' && imported.kind === 'sequence')
    return { ...own, items: [...own.items, ...imported.items] };
  if (own.kind !== 'mapping' || imported.kind !== 'mapping') return own;
  const entries = new Map<string, Entry>(own.entries);
  for (const [name, entry] of imported.entries) if (!entries.has(name)) entries.set(name, entry);
  return { ...own, entries };
}

function requireSameVersion(version: string | undefined, imported: ImportedFile, entry: Node, index: number): void {
  const theirs = stringAt(imported.root, 'version');
  if (theirs === version) return;
  const found = theirs === undefined ? 'has no version' : `has the version ${theirs}`;
  const message = `${placeText(entry.span)}: imports[${index}]: ${imported.path} ${found}, this file has ${version ?? 'none'}`;
  throw new UserError('CONFIG_IMPORT', message, {
    hint: 'Bring both files to the same version with `devspace update config`.',
  });
}

function asEntry(node: Node): Entry {
  return { key: node.span, value: node };
}
