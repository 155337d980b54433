import { type Problem, warningAt } from './diagnostics.ts';
import { child, type MappingNode, type Node, withoutEntry } from './document/node.ts';
import { toProjectName } from './versions/names.ts';

/** The document without a `name` that is no text: the original takes the name of the folder instead. */
export function withoutWrongName(root: MappingNode): { readonly root: MappingNode; readonly problems: Problem[] } {
  const name = child(root, 'name');
  if (!name || (name.kind === 'scalar' && (name.value === null || typeof name.value === 'string'))) {
    return { root, problems: [] };
  }
  const message = 'this is no text, so that the folder names the project; put a name into quotes';
  return { root: withoutEntry(root, 'name'), problems: [warningAt(name.span, ['name'], message)] };
}

/** The name of the project: what the file says, else the name of its folder, else `devspace`. */
export function projectNameOf(root: Node, projectRoot: string): string {
  const name = child(root, 'name');
  if (name?.kind === 'scalar' && typeof name.value === 'string' && name.value !== '') return name.value;
  return toProjectName(projectRoot);
}
