import { errorAt, type Problem } from '../diagnostics.ts';
import { child, type Entry, type MappingNode, type Node, withEntry } from '../document/node.ts';
import type { Era } from '../variables/era.ts';
import { toExpression } from '../variables/expression.ts';
import { findReferences } from '../variables/syntax.ts';
import { type Profile, type ProfileScope, selectActivated, toProfileChain, toProfiles } from './select.ts';

export interface SelectionOptions {
  readonly requested: readonly string[];
  readonly activation: 'enabled' | 'disabled';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly variable: Parameters<typeof selectActivated>[1]['variable'];
  /** Loads the file that a parent's `source` names. */
  readonly open: (source: Node) => Promise<MappingNode>;
  /** Fills a text that stands for a whole part of a profile. */
  readonly fill: (node: Node) => Promise<Node>;
  readonly era: Era;
}

export interface Selection {
  /** The section as it is with the parts that were commands or variables filled in. */
  readonly section: Node | undefined;
  readonly all: readonly Profile[];
  /** What is to be applied, parents first. */
  readonly chain: readonly Profile[];
  readonly problems: readonly Problem[];
}

/** Which profiles are to be applied: those that switch themselves on, then those that were asked for. */
export async function selectProfiles(root: MappingNode, options: SelectionOptions): Promise<Selection> {
  const section = await fillParts(child(root, 'profiles'), options);
  const all = toProfiles(section);
  const problems = all.flatMap((profile) => fixedParts(profile, options.era));
  const activated = options.activation === 'disabled' ? [] : await selectActivated(all, options);
  const open = async (source: Node): Promise<ProfileScope> => {
    const file = await options.open(source);
    return { profiles: toProfiles(await fillParts(child(file, 'profiles'), options)), open };
  };
  const chain = await toProfileChain([...activated, ...options.requested], { profiles: all, open });
  return { section, all, chain, problems };
}

/** `profiles`, a profile, and its `replace`, `merge` and `patches` may each be one variable or command. */
async function fillParts(section: Node | undefined, { fill }: SelectionOptions): Promise<Node | undefined> {
  const list = section && isText(section) ? await fill(section) : section;
  if (list?.kind !== 'sequence') return list;
  const items: Node[] = [];
  for (const item of list.items) {
    let profile = isText(item) ? await fill(item) : item;
    for (const part of ['replace', 'merge', 'strategicMerge', 'patches']) {
      const entry: Entry | undefined = profile.kind === 'mapping' ? profile.entries.get(part) : undefined;
      if (profile.kind === 'mapping' && entry && isText(entry.value)) {
        profile = withEntry(profile, part, { ...entry, value: await fill(entry.value) });
      }
    }
    items.push(profile);
  }
  return { ...list, items };
}

/** What decides about profiles cannot itself depend on variables. `spec-config.md` 10.1 of the reference. */
function fixedParts({ node, name }: Profile, era: Era): Problem[] {
  if (!era.hasExpressions) return [];
  return ['name', 'parent', 'parents', 'activation'].flatMap((part) => {
    const value = child(node, part);
    if (!value || !isText(value) || value.kind !== 'scalar') return [];
    const text = String(value.value);
    const isFixed = findReferences(text, era).length === 0 && !toExpression(text);
    return isFixed ? [] : [errorAt(value.span, ['profiles', name, part], 'no variables or commands can be used here')];
  });
}

function isText(node: Node): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string';
}
