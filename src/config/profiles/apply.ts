import { errorAt, type Problem, warningAt } from '../diagnostics.ts';
import { child, type MappingNode, type Node, stringAt, withEntry, withProfile } from '../document/node.ts';
import { mergePatch, strategicMerge } from './merge.ts';
import { applyPatch } from './patch.ts';
import type { Profile } from './select.ts';

export interface ProfilesApplied {
  readonly root: MappingNode;
  readonly problems: readonly Problem[];
}

/** Applies profiles one after the other, each in the order replace, merge, strategicMerge, patches. */
export function applyProfiles(root: MappingNode, profiles: readonly Profile[]): ProfilesApplied {
  const problems: Problem[] = [];
  let result = root;
  for (const profile of profiles) {
    const marked = { ...profile, node: withProfile(profile.node, profile.name) };
    result = applySections(result, child(marked.node, 'replace'), (_, value) => value);
    result = applySections(result, child(marked.node, 'merge'), mergePatch);
    result = applySections(result, child(marked.node, 'strategicMerge'), strategicMerge);
    const patched = applyPatches(result, marked);
    result = patched.root;
    problems.push(...patched.problems);
  }
  return { root: result, problems };
}

function applySections(
  root: MappingNode,
  sections: Node | undefined,
  combine: (base: Node | undefined, value: Node) => Node,
): MappingNode {
  if (sections?.kind !== 'mapping') return root;
  let result = root;
  for (const [key, entry] of sections.entries) {
    const name = sectionOf(key);
    if (entry.value.kind === 'scalar' && entry.value.value === null) continue;
    const earlier = result.entries.get(name);
    result = withEntry(result, name, { key: earlier?.key ?? entry.key, value: combine(earlier?.value, entry.value) });
  }
  return result;
}

/** `oldDeployments` is how an upgraded file writes a list of deployments. */
function sectionOf(key: string): string {
  const old = /^old([A-Z].*)$/.exec(key)?.[1];
  return old === undefined ? key : old.charAt(0).toLowerCase() + old.slice(1);
}

function applyPatches(root: MappingNode, { name, node }: Profile): ProfilesApplied {
  const patches = child(node, 'patches');
  const problems: Problem[] = [];
  let result: Node = root;
  for (const [index, patch] of (patches?.kind === 'sequence' ? patches.items : []).entries()) {
    const op = stringAt(patch, 'op');
    const path = stringAt(patch, 'path');
    const keyPath = ['profiles', name, 'patches', index];
    if (op === undefined || path === undefined || path === '') {
      problems.push(errorAt(patch.span, keyPath, `${op === undefined ? 'op' : 'path'} is missing`));
      continue;
    }
    const value = child(patch, 'value');
    const patched = applyPatch(result, { op, path, ...(value ? { value } : {}) });
    const span = child(patch, 'path')?.span ?? patch.span;
    if ('mistake' in patched) problems.push(errorAt(span, keyPath, patched.mistake));
    else if (patched.root.kind !== 'mapping')
      problems.push(errorAt(span, keyPath, 'the whole file cannot be replaced'));
    else {
      if (op !== 'remove' && patched.root === result) {
        problems.push(
          warningAt(span, keyPath, `nothing is there to take the value of ${path}: the patch changes nothing`),
        );
      }
      result = patched.root;
    }
  }
  return { root: result.kind === 'mapping' ? result : root, problems };
}

/** Names, descriptions and parents of the profiles of a file, for `devspace list profiles`. */
export interface ProfileSummary {
  readonly name: string;
  readonly description: string;
  readonly parents: readonly string[];
}

export function summarizeProfiles(profiles: readonly Profile[]): ProfileSummary[] {
  return profiles.map(({ name, node }) => {
    const parents = child(node, 'parents');
    const parent = stringAt(node, 'parent');
    const several = parents?.kind === 'sequence' ? parents.items.map((item) => stringAt(item, 'profile') ?? '') : [];
    return {
      name,
      description: stringAt(node, 'description') ?? '',
      parents: [...(parent ? [parent] : []), ...several.filter(Boolean)],
    };
  });
}
