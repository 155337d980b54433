import { choice, either, flag, object, text, texts } from '../fields.ts';

export const sourceFields = {
  path: text('Folder or file on this machine, relative to this file.'),
  git: text('Address of a git repository.'),
  subPath: text('Folder within the repository.'),
  branch: text('Branch to check out.'),
  tag: text('Tag to check out.'),
  revision: text('Commit to check out.'),
  cloneArgs: texts('More arguments for `git clone`.'),
  disableShallow: flag('Clone the whole history, not only the newest commit.'),
  disablePull: flag('Keep the clone as it is instead of pulling each time.'),
};

export const source = object(sourceFields);

export const importSource = object({
  ...sourceFields,
  enabled: either(choice(''), text(''), 'Whether the file is imported; an expression can decide.'),
});
