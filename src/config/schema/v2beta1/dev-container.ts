import { choice, count, described, flag, list, object, oneOf, text, textMap, texts, withDefault } from '../fields.ts';
import { resources } from './resources.ts';
import { sync } from './sync.ts';

const portMappingOf = (bindAddress: string) =>
  object(
    {
      port: text('`PORT`, `LOCAL:CONTAINER`, or ranges of the same length: `8000-8010:9000-9010`.'),
      bindAddress: withDefault(text(bindAddress), '127.0.0.1'),
    },
    { expected: ['port'], printed: ['port'] },
  );

export const portMapping = portMappingOf('Address on this machine to listen on.');
const reversePortMapping = portMappingOf('Address in the container to listen on.');

const envVar = object(
  { name: text('Name of the environment variable.'), value: text('Value of the environment variable.') },
  { expected: ['name'], printed: ['name', 'value'] },
);

const persistInitContainer = object({
  resources: described(resources, 'Requests and limits of the container that fills the volume.'),
});

const persistentPath = object(
  {
    path: text('Folder in the container that outlives the pod.'),
    volumePath: text('Folder within the volume.'),
    readOnly: flag('Forbid writing.'),
    skipPopulate: flag('Leave the volume empty instead of filling it from the image.'),
    initContainer: described(persistInitContainer, 'The container that fills the volume.'),
  },
  { required: ['path'] },
);

const terminal = object({
  command: text('What to run instead of a shell.'),
  workDir: text('Folder to start in.'),
  enabled: choice('Whether the terminal opens. It does when the section is there.'),
  disableReplace: flag('Open the terminal in the pod as it is.'),
  disableScreen: flag('Do not keep the session with `screen`.'),
  disableTTY: flag('Work without a terminal.'),
});

const logs = object({
  enabled: choice('Whether logs are shown.'),
  lastLines: withDefault(count('How many older lines are shown first.'), 500),
});

const attach = object({
  enabled: choice('Whether to attach.'),
  disableReplace: flag('Attach to the pod as it is.'),
  disableTTY: flag('Work without a terminal.'),
});

const ssh = object({
  enabled: choice('Whether the SSH server runs.'),
  localHostname: text('Host name for `ssh` on this machine.'),
  localPort: count('Port on this machine.'),
  remoteAddress: text('Address of the SSH server in the container.'),
  useInclude: flag('Write to a file that `~/.ssh/config` includes.'),
});

const proxyCommand = object({
  gitCredentials: flag('Let git in the container use the logins of this machine.'),
  command: text('Program that is called in the container and runs on this machine.'),
  localCommand: text('Another name of the program on this machine.'),
  skipContainerEnv: flag('Run without the environment of the container.'),
  env: textMap('Environment of the command.'),
});

const restartHelper = object({
  path: text('File or address of another restart helper.'),
  inject: choice('Whether the helper is put into the container.'),
});

export const devContainerFields = {
  container: text('Name of the container; not needed for pods with one.'),
  arch: oneOf(['amd64', 'arm64'], 'Processor of the container; found out without it.'),
  devImage: text('Image of the container, for the time of development.'),
  command: texts('Command of the container, for the time of development.'),
  args: texts('Arguments of the command, for the time of development.'),
  workingDir: text('Working directory, for the time of development.'),
  env: list(envVar, 'Environment variables to add, for the time of development.'),
  resources: described(resources, 'Requests and limits, for the time of development.'),
  reversePorts: list(reversePortMapping, 'Ports of this machine that are reachable in the container.'),
  sync: list(sync, 'Folders that are kept equal.'),
  persistPaths: list(persistentPath, 'Folders that outlive the pod.'),
  terminal: described(terminal, 'A terminal in the container.'),
  logs: described(logs, "The container's logs."),
  attach: described(attach, "Attach to the container's program."),
  ssh: described(ssh, 'An SSH server in the container.'),
  proxyCommands: list(proxyCommand, 'Programs of this machine that can be called in the container.'),
  restartHelper: described(restartHelper, 'The helper that restarts the program after a sync.'),
};

export const devContainer = object(devContainerFields);
