import type { Stage } from '../../workflows/config/print.ts';
import { defineCommand } from '../define-command.ts';
import { choiceOption } from '../shared-options.ts';

interface Flags {
  readonly skipInfo?: boolean;
  readonly output: 'yaml' | 'json';
  readonly stage: Stage;
  readonly explain?: string;
  readonly dependency?: string;
}

const stages: readonly Stage[] = ['written', 'profiles', 'variables', 'upgraded', 'resolved'];

export const printCommand = defineCommand<Flags>({
  name: 'print',
  summary: "Print the configuration after profiles and variables, in the newest version's shape",
  examples: [
    'devspace print',
    'devspace print -p production --skip-info --output json',
    'devspace print --stage written',
    'devspace print --explain dev.app.sync[0].path',
  ],
  options: [
    { flags: '--skip-info', description: 'Do not tell the variables and the path of the file on stderr' },
    { ...choiceOption('-o, --output <format>', 'Form of the data', ['yaml', 'json']), default: 'yaml' },
    { ...choiceOption('--stage <name>', 'Which stage of loading to print', stages), default: 'upgraded' },
    { flags: '--dependency <name>', description: 'Print a dependency, or a dependency of it: a.b' },
    { flags: '--explain <key>', description: 'Tell where the value of one key came from' },
  ],
  async run({ flags, project, tools }) {
    const [
      { explainKey, print },
      { toYaml },
      { renderExplanation },
      { renderTable },
      { variableColumns },
      { writeOut },
    ] = await Promise.all([
      import('../../workflows/config/print.ts'),
      import('../../config/to-yaml.ts'),
      import('../render/explanation.ts'),
      import('../render/table.ts'),
      import('../render/variables.ts'),
      import('../render/write-out.ts'),
    ]);
    const toJson = (data: unknown): string => `${JSON.stringify(data, undefined, 2)}\n`;
    if (flags.explain !== undefined) {
      const explanation = await explainKey(project, flags.explain, tools);
      await writeOut(tools.io.stdout, flags.output === 'json' ? toJson(explanation) : renderExplanation(explanation));
      return 0;
    }
    const { data, path, variables } = await print(project, flags, tools);
    if (!flags.skipInfo) {
      tools.log.info(`Loaded ${path}`);
      if (variables.length > 0) tools.log.info(`Variables:\n${renderTable(variables, variableColumns).trimEnd()}`);
    }
    await writeOut(tools.io.stdout, flags.output === 'json' ? toJson(data) : toYaml(data));
    return 0;
  },
});
