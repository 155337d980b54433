import type { ProjectOptions } from '../workflows/project.ts';
import type { Tools } from '../workflows/tools.ts';
import { type CommandDefinition, defineCommand, type OptionDefinition } from './define-command.ts';
import type { Column } from './render/table.ts';
import { choiceOption } from './shared-options.ts';

export type ListFormat = 'table' | 'json';

/** The form of a list; without the flag it is a table. */
export const listOutput: OptionDefinition = {
  ...choiceOption('-o, --output <format>', 'Form of the list', ['table', 'json']),
  default: 'table',
};

export interface ListDefinition<Row> {
  /** Of the group `list`, as typed: `profiles`. */
  readonly name: string;
  readonly summary: string;
  /** Said in place of an empty table. */
  readonly whenEmpty: string;
  /** Imports its workflow on call, so that other commands start quickly. Stands before the columns, which follow from it. */
  rows(project: ProjectOptions, tools: Tools): Promise<readonly Row[]>;
  readonly columns: readonly Column<Row>[];
}

/** A command that shows a list as a table or as JSON. */
export function defineListCommand<Row>({
  name,
  summary,
  columns,
  whenEmpty,
  rows,
}: ListDefinition<Row>): CommandDefinition {
  return defineCommand<{ readonly output: ListFormat }>({
    name: `list ${name}`,
    summary,
    examples: [`devspace list ${name}`, `devspace list ${name} --output json`],
    options: [listOutput],
    async run({ flags, project, tools }) {
      const [shown, { showList }] = await Promise.all([rows(project, tools), import('./render/list.ts')]);
      return showList({ rows: shown, columns, whenEmpty }, flags.output, tools);
    },
  });
}
