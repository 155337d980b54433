import { choice, count, described, flag, list, object, oneOf, text, textMap, texts, withDefault } from '../fields.ts';
import { resources } from './resources.ts';
import { sync } from './sync.ts';

export const portMapping = object(
  { port: text(''), bindAddress: withDefault(text(''), '127.0.0.1') },
  { required: ['port'] },
);

export const envVar = object({ name: text(''), value: text('') }, { required: ['name'] });

export const persistInitContainer = object({ resources: described(resources, '') });

export const persistentPath = object(
  {
    path: text(''),
    volumePath: text(''),
    readOnly: flag(''),
    skipPopulate: flag(''),
    initContainer: described(persistInitContainer, ''),
  },
  { required: ['path'] },
);

export const terminal = object({
  command: text(''),
  workDir: text(''),
  enabled: choice(''),
  disableReplace: flag(''),
  disableScreen: flag(''),
  disableTTY: flag(''),
});

export const logs = object({ enabled: choice(''), lastLines: withDefault(count(''), 500) });

export const attach = object({ enabled: choice(''), disableReplace: flag(''), disableTTY: flag('') });

export const ssh = object({
  enabled: choice(''),
  localHostname: text(''),
  localPort: count(''),
  remoteAddress: text(''),
  useInclude: flag(''),
});

export const proxyCommand = object({
  gitCredentials: flag(''),
  command: text(''),
  localCommand: text(''),
  skipContainerEnv: flag(''),
  env: textMap(''),
});

export const restartHelper = object({ path: text(''), inject: choice('') });

export const devContainerFields = {
  container: text(''),
  arch: oneOf(['amd64', 'arm64'], ''),
  devImage: text(''),
  command: texts(''),
  args: texts(''),
  workingDir: text(''),
  env: list(envVar, ''),
  resources: described(resources, ''),
  reversePorts: list(portMapping, ''),
  sync: list(sync, ''),
  persistPaths: list(persistentPath, ''),
  terminal: described(terminal, ''),
  logs: described(logs, ''),
  attach: described(attach, ''),
  ssh: described(ssh, ''),
  proxyCommands: list(proxyCommand, ''),
  restartHelper: described(restartHelper, ''),
};

export const devContainer = object(devContainerFields);
