import { described, freeMap, items, list, object, text, textMap } from '../fields.ts';
import { patch } from './patch.ts';
import { source } from './source.ts';

export const profileSections = object({
  vars: freeMap(''),
  pullSecrets: freeMap(''),
  images: freeMap(''),
  deployments: freeMap(''),
  dev: freeMap(''),
  commands: freeMap(''),
  dependencies: freeMap(''),
  hooks: items(''),
  oldDeployments: items(''),
  oldDependencies: items(''),
  oldCommands: items(''),
  oldPullSecrets: items(''),
  oldVars: items(''),
});

export const profileParent = object({ source: described(source, ''), profile: text('') });

export const profileActivation = object({ env: textMap(''), vars: textMap('') });

export const profile = object(
  {
    name: text(''),
    description: text(''),
    parent: text(''),
    parents: list(profileParent, ''),
    patches: list(patch, ''),
    replace: described(profileSections, ''),
    merge: described(profileSections, ''),
    activation: list(profileActivation, ''),
  },
  { required: ['name'] },
);
