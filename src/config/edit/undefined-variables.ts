import { child, type Node } from '../document/node.ts';
import { toDefinitions } from '../variables/definition.ts';
import type { Era } from '../variables/era.ts';
import { isShellText } from '../variables/places.ts';
import { predefinedName } from '../variables/predefined.ts';
import { findReferences } from '../variables/syntax.ts';

/**
 * The variables that the file uses, also in its profiles, and nothing defines. Older versions ask for them; since v2beta1
 * they would stay as they stand. Texts of a shell may have variables of its own.
 */
export function undefinedVariables(root: Node, era: Era): string[] {
  if (!era.asksForUndefined) return [];
  const defined = new Set(toDefinitions(child(root, 'vars')).keys());
  const profiles = child(root, 'profiles');
  for (const profile of profiles?.kind === 'sequence' ? profiles.items : []) {
    for (const part of ['replace', 'merge', 'strategicMerge']) {
      for (const name of toDefinitions(child(child(profile, part), 'vars')).keys()) defined.add(name);
    }
  }
  const names = new Set<string>();
  const visit = (node: Node, path: string): void => {
    if (node.kind === 'sequence') node.items.forEach((item, index) => visit(item, `${path}/${String(index)}`));
    if (node.kind === 'mapping') for (const [key, { value }] of node.entries) visit(value, `${path}/${key}`);
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || isShellText(withoutProfile(path))) return;
    for (const { name, isEscaped } of findReferences(node.value, era)) if (!isEscaped) names.add(name);
  };
  visit(root, '');
  const isKnown = (name: string): boolean =>
    defined.has(name) || predefinedName(name, era.ignoresCaseOfPredefined) !== undefined || name.startsWith('runtime.');
  return [...names].filter((name) => /^[A-Za-z0-9][\w-]*$/.test(name) && !isKnown(name));
}

const withoutProfile = (path: string): string => path.replace(/^\/profiles\/\d+\/\w+/, '');
