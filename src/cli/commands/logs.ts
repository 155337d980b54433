import { InvalidArgumentError } from 'commander';
import { defineCommand, type OptionDefinition } from '../define-command.ts';
import { type SelectionFlags, selectionFlags, toContainerChoice } from '../selection-flags.ts';
import { parseCount, parseDuration } from '../shared-options.ts';

interface Flags extends SelectionFlags {
  readonly follow?: boolean;
  readonly since?: number;
  readonly tail?: number;
  readonly lines?: number;
  readonly grep?: RegExp;
  readonly previous?: boolean;
  readonly wait?: boolean;
}

/** So many lines were shown from the first versions on. */
const usualLines = 200;

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : 'It takes a regular expression.');
  }
}

const options: readonly OptionDefinition[] = [
  ...selectionFlags,
  { flags: '-f, --follow', description: 'Go on with what is printed from now on, also by pods that come later' },
  {
    flags: '--since <duration>',
    description: 'Only what was printed in the last 10s, 5m or 1h30m',
    parse: parseDuration,
  },
  {
    flags: '--tail <number>',
    description: `Only so many of the last lines of each container; ${usualLines} without --since`,
    parse: parseCount,
  },
  { flags: '--lines <number>', description: 'The same as --tail', parse: parseCount },
  { flags: '--grep <pattern>', description: 'Only lines that fit the regular expression', parse: parsePattern },
  { flags: '--previous', description: 'Of the run before the last restart of the container' },
  { flags: '--wait', description: 'With --follow: wait for a pod if there is none yet' },
];

export const logsCommand = defineCommand<Flags>({
  name: 'logs',
  summary: 'Print the logs of containers, of all pods that fit',
  examples: [
    'devspace logs -f',
    'devspace logs -l app=web --since 5m --grep "ERROR|WARN"',
    'devspace logs --pod web-0 -c app --previous',
  ],
  options,
  async run({ flags, project, tools }) {
    const { logs } = await import('../../workflows/logs.ts');
    const { since: sinceSeconds, grep } = flags;
    return logs(
      {
        project,
        choice: toContainerChoice(flags),
        wanted: flags.previous ? 'previous' : flags.follow ? 'follow' : 'current',
        tailLines: flags.tail ?? flags.lines ?? (sinceSeconds === undefined ? usualLines : undefined),
        sinceSeconds,
        grep,
        whenMissing: flags.wait ? 'wait' : 'fail',
      },
      tools,
    );
  },
});
