import { described, freeMap, items, list, object, text, textMap } from '../fields.ts';
import { patch } from './patch.ts';
import { source } from './source.ts';

const profileSections = object({
  vars: freeMap('Variables.'),
  pullSecrets: freeMap('Logins of registries.'),
  images: freeMap('Images.'),
  deployments: freeMap('Deployments.'),
  dev: freeMap('Development services.'),
  commands: freeMap('Commands of the project.'),
  dependencies: freeMap('Dependencies.'),
  hooks: items('Hooks.'),
  oldDeployments: items('Deployments as a list, from an older version.'),
  oldDependencies: items('Dependencies as a list, from an older version.'),
  oldCommands: items('Commands as a list, from an older version.'),
  oldPullSecrets: items('Logins as a list, from an older version.'),
  oldVars: items('Variables as a list, from an older version.'),
});

const profileParent = object(
  { source: described(source, 'Where the other file comes from.'), profile: text('Name of the profile.') },
  { printed: ['profile'] },
);

const profileActivation = object({
  env: textMap('Environment variables and the regular expressions that their values must match.'),
  vars: textMap('Variables and the regular expressions that their values must match.'),
});

export const profile = object(
  {
    name: text('Name for `--profile`.'),
    description: text('A line for the list of profiles.'),
    parent: text('Profile whose changes come first.'),
    parents: list(profileParent, 'Profiles whose changes come first.'),
    patches: list(patch, 'Single changes, in this order.'),
    replace: described(profileSections, "Sections that take the place of the file's."),
    merge: described(profileSections, "Sections that are merged into the file's: maps key by key, lists as a whole."),
    activation: list(profileActivation, 'Conditions that switch the profile on; any one of them will do.'),
  },
  { required: ['name'] },
);
