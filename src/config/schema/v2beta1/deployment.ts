import { choice, described, flag, freeMap, list, object, text, texts, withDefault } from '../fields.ts';
import { patchTarget } from './patch.ts';
import { sourceFields } from './source.ts';

export const chart = object({
  ...sourceFields,
  name: text(''),
  version: text(''),
  repo: text(''),
  username: text(''),
  password: text(''),
});

export const helm = object({
  releaseName: text(''),
  chart: described(chart, ''),
  values: freeMap(''),
  valuesFiles: texts(''),
  displayOutput: flag(''),
  upgradeArgs: texts(''),
  templateArgs: texts(''),
  disableDependencyUpdate: choice(''),
});

export const kubectl = object({
  manifests: texts(''),
  applyArgs: texts(''),
  createArgs: texts(''),
  kubectlBinaryPath: text(''),
  inlineManifest: text(''),
  kustomize: choice(''),
  kustomizeArgs: texts(''),
  kustomizeBinaryPath: text(''),
  patches: list(patchTarget, ''),
});

export const deployment = object({
  name: text(''),
  helm: described(helm, ''),
  kubectl: described(kubectl, ''),
  updateImageTags: withDefault(choice(''), true),
  namespace: text(''),
});
