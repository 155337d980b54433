import { flag, object, text, textMap, texts, withDefault } from '../fields.ts';
import { sourceFields } from './source.ts';

export const dependency = object({
  ...sourceFields,
  name: text('Name of the dependency; the key under `dependencies` counts.'),
  disabled: flag('Leave the dependency out.'),
  pipeline: withDefault(text('Pipeline of the dependency to run.'), 'deploy'),
  vars: textMap("Values of the dependency's variables."),
  overwriteVars: flag('Hand all variables of this project to the dependency.'),
  ignoreDependencies: flag('Leave out what the dependency itself depends on.'),
  namespace: text('Namespace to deploy the dependency to.'),
  profiles: texts('Profiles of the dependency to switch on.'),
  disableProfileActivation: flag("Do not let the dependency's profiles switch themselves on."),
});
