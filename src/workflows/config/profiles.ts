import { child, stringAt } from '../../config/document/node.ts';
import type { LoadedProject } from '../../config/loaded-project.ts';
import { toSuggestion } from '../../config/schema/suggestion.ts';
import { openSession } from '../../config/session.ts';
import { UserError } from '../../core/errors.ts';
import { loadConfiguration, type ProjectOptions, toLoadOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { changeState } from './change-state.ts';
import { choose } from './choose.ts';

export interface ListedProfile {
  readonly name: string;
  /** Applied in this run: by a flag, by `devspace use profile` or by its own activation. */
  readonly active: boolean;
  readonly description: string;
}

/** The profiles of the file in its order. A chosen profile that is gone costs a warning. */
export async function listProfiles(options: ProjectOptions, tools: Tools): Promise<ListedProfile[]> {
  const project = await loadProfiles(options, tools);
  return project.profiles.map(({ name, node }) => ({
    name,
    active: project.activeProfiles.includes(name),
    description: stringAt(node, 'description') ?? '',
  }));
}

/** Remembers a profile for all later runs. Without a name it is asked for. */
export async function useProfile(name: string | undefined, options: ProjectOptions, tools: Tools): Promise<string> {
  const { profiles } = await loadWithoutProfiles(options, tools);
  const names = profiles.map((profile) => profile.name);
  const question = { what: 'profile', names, flag: 'devspace use profile NAME', signal: options.signal };
  const chosen = name ?? (await choose(question, tools));
  if (!names.includes(chosen)) throw unknownProfile(chosen, names);
  await changeState(options, tools, {
    apply: (state) => state.useProfile(chosen),
    isSaved: (state) => state.activeProfile === chosen,
  });
  return chosen;
}

export async function resetProfile(options: ProjectOptions, tools: Tools): Promise<void> {
  await changeState(options, tools, {
    apply: (state) => state.useProfile(undefined),
    isSaved: (state) => state.activeProfile === undefined,
  });
}

async function loadProfiles(options: ProjectOptions, tools: Tools): Promise<LoadedProject> {
  const { state } = await openSession(toLoadOptions(options, tools));
  const saved = options.profiles?.length ? undefined : state.activeProfile;
  try {
    return await loadConfiguration(options, { sections: [] }, tools);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'CONFIG_PROFILE' || saved === undefined) throw error;
    const project = await loadWithoutProfiles(options, tools);
    if (child(project.stages.written, 'profiles') && project.profiles.some((profile) => profile.name === saved)) {
      throw error;
    }
    tools.log.warn(`The profile ${saved} that is in use is not in the file; choose another with devspace use profile`);
    return project;
  }
}

const loadWithoutProfiles = (options: ProjectOptions, tools: Tools): Promise<LoadedProject> =>
  loadConfiguration(
    { ...options, profiles: undefined, profileActivation: 'disabled' },
    { sections: [], savedProfile: 'ignored' },
    tools,
  );

function unknownProfile(name: string, names: readonly string[]): UserError {
  const meant = toSuggestion(name, names);
  const known = names.length === 0 ? 'The file has no profiles.' : `Profiles: ${names.join(', ')}.`;
  return new UserError('CONFIG_PROFILE', `There is no profile ${name}`, {
    hint: meant === undefined ? known : `Did you mean ${meant}? ${known}`,
  });
}
