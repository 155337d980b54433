import { buildCommand } from './commands/build.ts';
import { deployCommand } from './commands/deploy.ts';
import { devCommand } from './commands/dev.ts';
import {
  embeddedKubeconfigCommand,
  embeddedServeCommand,
  embeddedStartCommand,
  embeddedStatusCommand,
  embeddedStopCommand,
} from './commands/embedded.ts';
import { enterCommand } from './commands/enter.ts';
import { purgeCommand } from './commands/purge.ts';
import type { CommandDefinition } from './define-command.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandDefinition[] = [
  devCommand,
  deployCommand,
  enterCommand,
  buildCommand,
  purgeCommand,
  embeddedStartCommand,
  embeddedStopCommand,
  embeddedStatusCommand,
  embeddedKubeconfigCommand,
  embeddedServeCommand,
];

/** What the groups of commands are about: `embedded start` belongs to `embedded`. */
export const groups: Readonly<Record<string, string>> = {
  embedded: 'A small Kubernetes on this machine, for trying, teaching and testing',
};
