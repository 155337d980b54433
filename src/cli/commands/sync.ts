import type { InitialSync } from '../../config/types.ts';
import { defineCommand, type OptionDefinition } from '../define-command.ts';
import { type SelectionFlags, selectionFlags, toContainerChoice } from '../selection-flags.ts';
import { choiceOption, parseNames, switchOption, timeout } from '../shared-options.ts';

interface Flags extends SelectionFlags {
  readonly path?: string;
  readonly localPath?: string;
  readonly containerPath?: string;
  readonly exclude?: readonly string[];
  readonly initialSync?: InitialSync;
  readonly downloadOnInitialSync: boolean;
  readonly uploadOnly?: boolean;
  readonly downloadOnly?: boolean;
  /** `--no-watch` makes it false. */
  readonly watch: boolean;
  readonly polling?: boolean;
  readonly allReplicas?: boolean;
  readonly verbose?: boolean;
  readonly explain?: string;
  readonly wait: boolean;
  readonly timeout: number;
}

const strategies = [
  'mirrorLocal',
  'mirrorRemote',
  'preferLocal',
  'preferRemote',
  'preferNewest',
  'keepAll',
  'disabled',
];

const options: readonly OptionDefinition[] = [
  ...selectionFlags,
  { flags: '--path <local:container>', description: 'The two folders, such as .:/app' },
  { flags: '--local-path <folder>', description: 'The local folder, in place of the one of --path' },
  { flags: '--container-path <folder>', description: 'The folder in the container, in place of the one of --path' },
  { flags: '-e, --exclude <patterns>', description: 'What is left alone, as in .gitignore', parse: parseNames },
  choiceOption('--initial-sync <strategy>', 'How the first synchronisation decides', strategies),
  switchOption('--download-on-initial-sync', 'Download what only the container has; else it is deleted there'),
  { flags: '--upload-only', description: 'Only to the container' },
  { flags: '--download-only', description: 'Only from the container' },
  { flags: '--no-watch', description: 'Stop when both sides are equal' },
  { flags: '--polling', description: 'Look for changes in the container, even if it can tell them' },
  { flags: '--all-replicas', description: 'Bring the files to all other pods that fit, too' },
  { flags: '--verbose', description: 'Name every path that is carried over' },
  { flags: '--explain <path>', description: 'Say which rule decides about a path, and do nothing' },
  switchOption('--wait', 'Wait for the pod to run'),
  timeout,
];

export const syncCommand = defineCommand<Flags>({
  name: 'sync',
  summary: 'Synchronise folders with a container',
  examples: [
    'devspace sync',
    'devspace sync --path .:/app --label-selector app=web --exclude node_modules/',
    'devspace sync --explain src/main.js',
  ],
  options,
  async run({ flags, project, tools }) {
    const [{ sync, explainSync }, { toDirection }] = await Promise.all([
      import('../../workflows/sync.ts'),
      import('../../workflows/plan-sync.ts'),
    ]);
    const { polling = false, allReplicas = false } = flags;
    const choice = { ...flags, direction: toDirection(flags), polling, allReplicas };
    const timeoutMs = flags.wait ? flags.timeout * 1000 : 0;
    const detail = flags.verbose ? ('every path' as const) : ('short' as const);
    const wish = { project, container: toContainerChoice(flags), choice, timeoutMs, detail };
    if (flags.explain === undefined) return sync(wish, tools);
    tools.io.stdout.write(await explainSync(flags.explain, wish, tools));
    return 0;
  },
});
