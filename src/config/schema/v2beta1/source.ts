import { choice, either, flag, object, text, texts } from '../fields.ts';

export const sourceFields = {
  path: text(''),
  git: text(''),
  subPath: text(''),
  branch: text(''),
  tag: text(''),
  revision: text(''),
  cloneArgs: texts(''),
  disableShallow: flag(''),
  disablePull: flag(''),
};

export const source = object(sourceFields);

export const importSource = object({ ...sourceFields, enabled: either(choice(''), text(''), '') });
