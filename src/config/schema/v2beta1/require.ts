import { list, object, text, texts } from '../fields.ts';

const requireCommand = object(
  {
    name: text('The program, as found in PATH.'),
    versionArgs: texts('Arguments with which the program tells its version; `version` without them.'),
    versionRegEx: text('Regular expression that finds the version in the output.'),
    version: text('Range of versions that will do, such as `>= 1.20`.'),
  },
  { required: ['name', 'version'] },
);

const requirePlugin = object(
  { name: text('Name of the plugin.'), version: text('Range of versions that will do, such as `>= 1.0`.') },
  { required: ['name', 'version'] },
);

export const require = object({
  devspace: text('Range of DevSpace versions that will do.'),
  commands: list(requireCommand, 'Programs that must be there.'),
  plugins: list(requirePlugin, 'Plugins that must be there.'),
});
