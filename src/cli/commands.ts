import { addDeploymentCommand } from './commands/add/deployment.ts';
import { addImageCommand } from './commands/add/image.ts';
import { addPortCommand } from './commands/add/port.ts';
import { addSelectorCommand } from './commands/add/selector.ts';
import { addSyncCommand } from './commands/add/sync.ts';
import { analyzeCommand } from './commands/analyze.ts';
import { attachCommand } from './commands/attach.ts';
import { buildCommand } from './commands/build.ts';
import { cleanupImagesCommand } from './commands/cleanup/images.ts';
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
import { listCommandsCommand } from './commands/list/commands.ts';
import { listConfigsCommand } from './commands/list/configs.ts';
import { listContextsCommand } from './commands/list/contexts.ts';
import { listDeploymentsCommand } from './commands/list/deployments.ts';
import { listNamespacesCommand } from './commands/list/namespaces.ts';
import { listPortsCommand } from './commands/list/ports.ts';
import { listProfilesCommand } from './commands/list/profiles.ts';
import { listSelectorsCommand } from './commands/list/selectors.ts';
import { listSyncCommand } from './commands/list/sync.ts';
import { listVarsCommand } from './commands/list/vars.ts';
import { logsCommand } from './commands/logs.ts';
import { openCommand } from './commands/open.ts';
import { printCommand } from './commands/print.ts';
import { purgeCommand } from './commands/purge.ts';
import { removeDeploymentCommand } from './commands/remove/deployment.ts';
import { removeImageCommand } from './commands/remove/image.ts';
import { removePortCommand } from './commands/remove/port.ts';
import { removeSelectorCommand } from './commands/remove/selector.ts';
import { removeSyncCommand } from './commands/remove/sync.ts';
import { renderCommand } from './commands/render.ts';
import { resetPodsCommand } from './commands/reset/pods.ts';
import { resetVarsCommand } from './commands/reset/vars.ts';
import { runCommand } from './commands/run.ts';
import { setVarCommand } from './commands/set/var.ts';
import { statusSyncCommand } from './commands/status/sync.ts';
import { syncCommand } from './commands/sync.ts';
import { updateConfigCommand } from './commands/update/config.ts';
import { useConfigCommand } from './commands/use/config.ts';
import { useContextCommand } from './commands/use/context.ts';
import { useNamespaceCommand } from './commands/use/namespace.ts';
import { useProfileCommand } from './commands/use/profile.ts';
import type { CommandDefinition } from './define-command.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandDefinition[] = [
  devCommand,
  deployCommand,
  enterCommand,
  logsCommand,
  attachCommand,
  openCommand,
  analyzeCommand,
  syncCommand,
  statusSyncCommand,
  buildCommand,
  purgeCommand,
  renderCommand,
  printCommand,
  runCommand,
  listVarsCommand,
  listProfilesCommand,
  listConfigsCommand,
  listCommandsCommand,
  listDeploymentsCommand,
  listPortsCommand,
  listSyncCommand,
  listSelectorsCommand,
  listContextsCommand,
  listNamespacesCommand,
  useProfileCommand,
  useConfigCommand,
  useContextCommand,
  useNamespaceCommand,
  setVarCommand,
  resetPodsCommand,
  resetVarsCommand,
  updateConfigCommand,
  cleanupImagesCommand,
  addImageCommand,
  addDeploymentCommand,
  addPortCommand,
  addSyncCommand,
  addSelectorCommand,
  removeImageCommand,
  removeDeploymentCommand,
  removePortCommand,
  removeSyncCommand,
  removeSelectorCommand,
  embeddedStartCommand,
  embeddedStopCommand,
  embeddedStatusCommand,
  embeddedKubeconfigCommand,
  embeddedServeCommand,
];

/** What the groups of commands are about: `list vars` belongs to `list`. */
export const groups: Readonly<Record<string, string>> = {
  list: 'Show what the configuration and the kubeconfig have',
  use: 'Choose a profile, configuration, context or namespace',
  set: 'Save answers for variables',
  status: 'Show how the development services are',
  reset: 'Forget saved answers',
  update: 'Bring the configuration up to date',
  cleanup: 'Delete what earlier runs left on this machine',
  add: 'Add something to the configuration file',
  remove: 'Take something out of the configuration file',
  embedded: 'A small Kubernetes on this machine, for trying, teaching and testing',
};
