import { defineCommand } from '../../define-command.ts';

interface Flags {
  readonly reset?: boolean;
  readonly create?: boolean;
}

export const useNamespaceCommand = defineCommand<Flags>({
  name: 'use namespace',
  summary: 'Make a namespace the default of the current context',
  examples: [
    'devspace use namespace staging',
    'devspace use namespace my-branch --create',
    'devspace use namespace --reset',
  ],
  args: '[name]',
  options: [
    { flags: '--reset', description: 'Take the default namespace away from the context' },
    { flags: '--create', description: 'Create the namespace if the cluster does not have it' },
  ],
  async run({ flags, args, project, tools }) {
    const [{ setNamespace }, { useNamespace }] = await Promise.all([
      import('../../../workflows/config/contexts.ts'),
      import('../../../workflows/config/namespaces.ts'),
    ]);
    if (flags.reset) {
      const context = await setNamespace(undefined, project, tools);
      tools.log.done(`The context ${context} has no namespace of its own any more`);
      return 0;
    }
    const wish = { name: args[0], whenMissing: flags.create ? ('create' as const) : ('fail' as const) };
    const name = await useNamespace(wish, project, tools);
    tools.log.done(`The default namespace is ${name}`);
    return 0;
  },
});
