import { defineCommand } from '../../define-command.ts';
import { choiceOption } from '../../shared-options.ts';

interface Flags {
  readonly output: 'table' | 'keyvalue' | 'json';
}

export const listVarsCommand = defineCommand<Flags>({
  name: 'list vars',
  summary: 'List the variables with their values, where these came from and which keys use them',
  examples: ['devspace list vars', 'devspace list vars --output keyvalue'],
  options: [
    { ...choiceOption('-o, --output <format>', 'Form of the list', ['table', 'keyvalue', 'json']), default: 'table' },
  ],
  async run({ flags, project, tools }) {
    const [{ listVariables }, { showList }, { variableColumns }, { writeOut }] = await Promise.all([
      import('../../../workflows/config/variables.ts'),
      import('../../render/list.ts'),
      import('../../render/variables.ts'),
      import('../../render/write-out.ts'),
    ]);
    const rows = await listVariables(project, tools);
    if (flags.output === 'keyvalue') {
      const set = rows.filter(({ value }) => value !== undefined);
      await writeOut(tools.io.stdout, set.map(({ name, value = '' }) => `${name}=${value}\n`).join(''));
      return 0;
    }
    const whenEmpty = 'The configuration has no variables';
    return showList({ rows, columns: variableColumns, whenEmpty }, flags.output, tools);
  },
});
