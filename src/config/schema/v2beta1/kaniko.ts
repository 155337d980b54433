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

export const mountItem = object({ key: text(''), path: text(''), mode: number('') });

export const secretMount = object({ name: text(''), items: list(mountItem, ''), defaultMode: number('') });

export const configMapMount = object({ name: text(''), items: list(mountItem, ''), defaultMode: number('') });

export const additionalMount = object({
  secret: described(secretMount, ''),
  configMap: described(configMapMount, ''),
  readOnly: flag(''),
  mountPath: text(''),
  subPath: text(''),
});

export const kaniko = object({
  cache: flag(''),
  snapshotMode: withDefault(text(''), 'time'),
  image: text(''),
  initImage: text(''),
  args: texts(''),
  command: texts(''),
  namespace: text(''),
  insecure: choice(''),
  pullSecret: text(''),
  skipPullSecretMount: flag(''),
  nodeSelector: textMap(''),
  tolerations: freeMaps(''),
  serviceAccount: text(''),
  generateName: text(''),
  annotations: textMap(''),
  labels: textMap(''),
  initEnv: textMap(''),
  env: textMap(''),
  envFrom: mapOfFree(''),
  additionalMounts: list(additionalMount, ''),
  resources: described(resources, ''),
});
