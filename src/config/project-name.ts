import { child, type Node } from './document/node.ts';
import { toProjectName } from './versions/names.ts';

/** The name of the project: what the file says, else the name of its folder, else `devspace`. */
export function projectNameOf(root: Node, projectRoot: string): string {
  const name = child(root, 'name');
  if (name?.kind === 'scalar' && typeof name.value === 'string' && name.value !== '') return name.value;
  return toProjectName(projectRoot);
}
