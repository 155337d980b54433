import path from 'node:path';
import { child, type Node } from './document/node.ts';
import { toSafeName } from './imports/source-config.ts';

/** The name of the project: what the file says, else the name of its folder, else `devspace`. */
export function projectNameOf(root: Node, projectRoot: string): string {
  const name = child(root, 'name');
  if (name?.kind === 'scalar' && typeof name.value === 'string' && name.value !== '') return name.value;
  const folder = path.basename(projectRoot);
  return (folder.length > 2 && toSafeName(folder)) || 'devspace';
}
