import type { MappingNode, Node } from '../document/node.ts';
import { type ExpressionContext } from './expression.ts';
import { fillVariables, usedVariables } from './fill.ts';
import { isScript, isShellText } from './places.ts';
import type { Resolver } from './resolver.ts';

export interface ProjectFillOptions {
  readonly resolver: Resolver;
  readonly expressions: ExpressionContext;
  /** `kept`: scripts are left to the shell that runs them, which gets the variables in its environment. */
  readonly scripts: 'kept' | 'filled';
}

export interface ProjectFilled {
  readonly root: MappingNode;
  /** Variables outside scripts that nobody knows. They stay as they stand. */
  readonly unknown: readonly string[];
}

/** Fills the variables of the whole document except its own definitions. */
export async function fillProject(root: MappingNode, options: ProjectFillOptions): Promise<ProjectFilled> {
  const { resolver, expressions, scripts } = options;
  for (const definition of resolver.definitions.values()) {
    if (definition.alwaysResolve) await resolver.resolve(definition.name);
  }
  const includes = (path: string): boolean => !isDefinition(path) && (scripts === 'filled' || !isScript(path));
  const filled: Node = await fillVariables(root, {
    resolver,
    expressions,
    includes,
    shellNames: scripts === 'kept' ? 'defined' : 'all',
  });
  return { root: filled.kind === 'mapping' ? filled : root, unknown: unknownNames(root, resolver, includes) };
}

function unknownNames(root: MappingNode, resolver: Resolver, includes: (path: string) => boolean): string[] {
  if (resolver.unknown.size === 0) return [];
  const used = usedVariables(root, resolver, (path) => includes(path) && !isShellText(path));
  return [...used.keys()].filter((name) => resolver.unknown.has(name) && !name.startsWith('runtime.'));
}

function isDefinition(path: string): boolean {
  return /^\/(vars|profiles|imports|version)(\/|$)/.test(path);
}
