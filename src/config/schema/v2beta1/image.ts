import { choice, described, flag, list, object, oneOf, text, textMap, texts, withDefault } from '../fields.ts';
import { kaniko } from './kaniko.ts';

export const customCommand = object({ command: text(''), os: text('') });

export const custom = object({
  command: text(''),
  onChange: texts(''),
  commands: list(customCommand, ''),
  args: texts(''),
  appendArgs: texts(''),
  imageFlag: text(''),
  imageTagOnly: flag(''),
  skipImageArg: choice(''),
});

export const buildKitInCluster = object({
  name: text(''),
  namespace: text(''),
  rootless: flag(''),
  image: text(''),
  nodeSelector: text(''),
  noCreate: flag(''),
  noRecreate: flag(''),
  noLoad: flag(''),
  createArgs: texts(''),
});

export const buildKit = object({
  inCluster: described(buildKitInCluster, ''),
  preferMinikube: choice(''),
  args: texts(''),
  command: texts(''),
});

export const docker = object({
  disableFallback: choice(''),
  preferMinikube: choice(''),
  useCli: flag(''),
  args: texts(''),
  useBuildKit: flag(''),
});

export const image = object(
  {
    name: text(''),
    image: text(''),
    tags: texts(''),
    dockerfile: withDefault(text(''), './Dockerfile'),
    context: withDefault(text(''), './'),
    entrypoint: texts(''),
    cmd: texts(''),
    appendDockerfileInstructions: texts(''),
    buildArgs: textMap(''),
    target: text(''),
    network: text(''),
    rebuildStrategy: withDefault(oneOf(['default', 'always', 'ignoreContextChanges'], ''), 'default'),
    skipPush: flag(''),
    createPullSecret: withDefault(choice(''), true),
    buildKit: described(buildKit, ''),
    docker: described(docker, ''),
    kaniko: described(kaniko, ''),
    custom: described(custom, ''),
    injectRestartHelper: flag(''),
    injectLegacyRestartHelper: flag(''),
    restartHelperPath: text(''),
  },
  { required: ['image'] },
);
