import { list, object, text, texts } from '../fields.ts';

export const requireCommand = object(
  { name: text(''), versionArgs: texts(''), versionRegEx: text(''), version: text('') },
  { required: ['name', 'version'] },
);

export const requirePlugin = object({ name: text(''), version: text('') }, { required: ['name', 'version'] });

export const require = object({
  devspace: text(''),
  commands: list(requireCommand, ''),
  plugins: list(requirePlugin, ''),
});
