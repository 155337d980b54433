import { UserError } from '../../core/errors.ts';
import { child, type Node, stringAt } from '../document/node.ts';
import { placeText } from '../document/source.ts';
import { toSuggestion } from '../schema/suggestion.ts';
import { toPattern } from '../variables/prompt.ts';
import { toText, type VariableValue } from '../variables/syntax.ts';

/** A profile of the file, in the order of the file. */
export interface Profile {
  readonly name: string;
  readonly node: Node;
}

/** Where profiles are looked up: the file itself, or another one that `parents[].source` names. */
export interface ProfileScope {
  readonly profiles: readonly Profile[];
  /** Loads the profiles of another file. */
  readonly open: (source: Node) => Promise<ProfileScope>;
}

export function toProfiles(section: Node | undefined): Profile[] {
  if (section?.kind !== 'sequence') return [];
  return section.items.flatMap((node) => {
    const name = stringAt(node, 'name');
    return name === undefined ? [] : [{ name, node }];
  });
}

export interface ActivationContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly variable: (name: string) => Promise<VariableValue | undefined>;
}

/** The profiles that switch themselves on: one entry of `activation` must hold, and in it everything. */
export async function selectActivated(profiles: readonly Profile[], context: ActivationContext): Promise<string[]> {
  const names: string[] = [];
  for (const { name, node } of profiles) {
    const activation = child(node, 'activation');
    if (activation?.kind !== 'sequence') continue;
    for (const entry of activation.items) {
      if (await isActivated(entry, context)) {
        names.push(name);
        break;
      }
    }
  }
  return names;
}

/**
 * The chain of profiles to apply, parents before children. Of a name that stands several times the last place counts.
 * An unknown name is `CONFIG_PROFILE`, and so are parents in a circle.
 */
export async function toProfileChain(names: readonly string[], scope: ProfileScope): Promise<Profile[]> {
  const last = names.filter((name, index) => name !== '' && !names.includes(name, index + 1));
  const chain: Profile[] = [];
  for (const name of last) chain.push(...(await withParents(name, scope, [])));
  return chain;
}

async function withParents(name: string, scope: ProfileScope, trail: readonly string[]): Promise<Profile[]> {
  const profile = scope.profiles.find((candidate) => candidate.name === name);
  if (!profile) throw unknownProfile(name, scope, trail.at(-1));
  if (trail.length >= maxDepth) {
    throw new UserError(
      'CONFIG_PROFILE',
      `The profiles are parents of each other in a circle: ${circleOf([...trail, name])}`,
    );
  }
  const parent = stringAt(profile.node, 'parent');
  const parents = child(profile.node, 'parents');
  if (parent && parents?.kind === 'sequence' && parents.items.length > 0) {
    const message = `${placeText(profile.node.span)}: the profile ${name} has both \`parent\` and \`parents\``;
    throw new UserError('CONFIG_PROFILE', message, { hint: 'Keep one of them.' });
  }
  const chain: Profile[] = [];
  if (parent) chain.push(...(await withParents(parent, scope, [...trail, name])));
  for (const entry of parents?.kind === 'sequence' ? parents.items : []) {
    const parentName = stringAt(entry, 'profile');
    if (!parentName) continue;
    const source = child(entry, 'source');
    const from = source && source.kind === 'mapping' ? await scope.open(source) : scope;
    chain.push(...(await withParents(parentName, from, [...trail, name])));
  }
  return [...chain, profile];
}

const maxDepth = 50;

function circleOf(trail: readonly string[]): string {
  const last = trail.at(-1) ?? '';
  const earlier = trail.lastIndexOf(last, -2);
  return earlier === -1 ? trail.slice(-3).join(' → ') : trail.slice(earlier).join(' → ');
}

function unknownProfile(name: string, { profiles }: ProfileScope, child: string | undefined): UserError {
  const names = profiles.map((profile) => profile.name);
  const meant = toSuggestion(name, names);
  const by = child === undefined ? '' : `, which the profile ${child} names as its parent`;
  const known = names.length === 0 ? 'The file has no profiles.' : `Profiles: ${names.join(', ')}.`;
  return new UserError('CONFIG_PROFILE', `There is no profile ${name}${by}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}

async function isActivated(entry: Node, context: ActivationContext): Promise<boolean> {
  for (const [name, pattern] of patternsOf(child(entry, 'env'))) {
    if (!anchored(pattern, context.env[name] ?? '')) return false;
  }
  for (const [name, pattern] of patternsOf(child(entry, 'vars'))) {
    const value = await context.variable(name);
    if (!anchored(pattern, value === undefined ? `\${${name}}` : toText(value))) return false;
  }
  return true;
}

function patternsOf(node: Node | undefined): [string, string][] {
  if (node?.kind !== 'mapping') return [];
  return [...node.entries].map(([name, { value }]) => [
    name,
    value.kind === 'scalar' && value.value !== null ? (value.text ?? String(value.value)) : '',
  ]);
}

function anchored(pattern: string, text: string): boolean {
  const body = pattern.replace(/^\^/, '').replace(/\$$/, '');
  return toPattern(`^(?:${body})$`)?.test(text) ?? body === text;
}
