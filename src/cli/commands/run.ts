import { defineCommand } from '../define-command.ts';

export const runCommand = defineCommand({
  name: 'run',
  summary: 'Run a command of the project; what follows its name belongs to it',
  examples: ['devspace run test', 'devspace run migrate --dry-run', 'devspace -p staging run logs'],
  args: '[name-and-arguments...]',
  options: [],
  async run({ args, project, tools }) {
    const { runCommand: run } = await import('../../workflows/config/run-command.ts');
    return run(args, project, tools);
  },
});
