import {
  choice,
  described,
  flag,
  freeMaps,
  list,
  mapOfFree,
  number,
  object,
  text,
  textMap,
  texts,
  withDefault,
} from '../fields.ts';
import { resources } from './resources.ts';

const mountItem = object(
  {
    key: text('Key in the Secret or ConfigMap.'),
    path: text('File name in the mounted folder.'),
    mode: number('Permissions of the file.'),
  },
  { printed: ['key', 'path'] },
);

const secretMount = object(
  {
    name: text('Name of the Secret.'),
    items: list(mountItem, 'Keys to mount; all without it.'),
    defaultMode: number('Permissions of the files.'),
  },
  { printed: ['name'] },
);

const configMapMount = object({
  name: text('Name of the ConfigMap.'),
  items: list(mountItem, 'Keys to mount; all without it.'),
  defaultMode: number('Permissions of the files.'),
});

const additionalMount = object({
  secret: described(secretMount, 'Secret to mount.'),
  configMap: described(configMapMount, 'ConfigMap to mount.'),
  readOnly: flag('Forbid writing.'),
  mountPath: text('Folder in the build container.'),
  subPath: text('Path within the volume.'),
});

export const kaniko = object({
  cache: flag('Keep layers in the registry for the next build.'),
  snapshotMode: withDefault(text('How kaniko finds changed files: `full`, `redo` or `time`.'), 'time'),
  image: text('Image of kaniko.'),
  initImage: text('Image that receives the build context.'),
  args: texts('More arguments for kaniko.'),
  command: texts("Command in place of the image's own."),
  namespace: text('Namespace of the build pod.'),
  insecure: choice('Push over plain HTTP, and do not check certificates.'),
  pullSecret: text("Secret with the registry's login."),
  skipPullSecretMount: flag("Build without the registry's login."),
  nodeSelector: textMap('Labels of the nodes to build on.'),
  tolerations: freeMaps('Tolerations of the build pod, as in Kubernetes.'),
  serviceAccount: text('ServiceAccount of the build pod.'),
  generateName: text("Start of the build pod's name."),
  annotations: textMap('Annotations of the build pod.'),
  labels: textMap('Labels of the build pod.'),
  initEnv: textMap('Environment of the init container.'),
  env: textMap('Environment of the build container.'),
  envFrom: mapOfFree('Environment from other sources, by the name of the variable, as in Kubernetes.'),
  additionalMounts: list(additionalMount, 'Secrets and ConfigMaps for the build.'),
  resources: described(resources, 'Requests and limits of the build pod.'),
});
