import { flag, object, text, textMap, texts, withDefault } from '../fields.ts';
import { sourceFields } from './source.ts';

export const dependency = object({
  ...sourceFields,
  name: text(''),
  disabled: flag(''),
  pipeline: withDefault(text(''), 'deploy'),
  vars: textMap(''),
  overwriteVars: flag(''),
  ignoreDependencies: flag(''),
  namespace: text(''),
  profiles: texts(''),
  disableProfileActivation: flag(''),
});
