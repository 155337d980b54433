import { defineCommand } from '../../define-command.ts';

export const updateConfigCommand = defineCommand<{ readonly yes?: boolean }>({
  name: 'update config',
  summary: 'Rewrite the configuration file in the newest version; shows the differences first',
  examples: ['devspace update config', 'devspace update config --yes'],
  options: [{ flags: '-y, --yes', description: 'Write the file without asking' }],
  async run({ flags, project, tools }) {
    const [{ updateConfig }, { writeOut }] = await Promise.all([
      import('../../../workflows/config/update-config.ts'),
      import('../../render/write-out.ts'),
    ]);
    const show = (diff: string): Promise<void> => writeOut(tools.io.stdout, `${diff}\n`);
    const consent = flags.yes ? ('given' as const) : ('asked for' as const);
    const result = await updateConfig({ consent, show }, project, tools);
    const words = {
      updated: 'The file is of the newest version now',
      declined: 'Nothing was changed',
      'newest already': 'The file is of the newest version already',
    };
    tools.log.done(words[result]);
    return 0;
  },
});
