import { choice, described, flag, freeMap, list, object, text, texts, withDefault } from '../fields.ts';
import { patchTarget } from './patch.ts';
import { sourceFields } from './source.ts';

const chart = object({
  ...sourceFields,
  name: text('Name of the chart in its repository, or its path in this project.'),
  version: text('Version of the chart; the newest one without it.'),
  repo: text("Address of the chart's repository."),
  username: text('Login of the repository.'),
  password: text('Password of the repository.'),
});

const helm = object({
  releaseName: text('Name of the release; the name of the deployment without it.'),
  chart: described(chart, 'The chart; the component chart without it.'),
  values: freeMap('Values of the chart. They win over files.'),
  valuesFiles: texts('Files with values of the chart.'),
  displayOutput: flag('Show what Helm prints.'),
  upgradeArgs: texts('More arguments for `helm upgrade`.'),
  templateArgs: texts('More arguments for `helm template`.'),
  disableDependencyUpdate: choice('Do not fetch the charts that this one depends on.'),
});

const kubectl = object({
  manifests: texts('Files, folders or patterns of manifests, or folders for kustomize.'),
  applyArgs: texts('More arguments for `kubectl apply`.'),
  createArgs: texts('More arguments for `kubectl create`, which turns manifests into objects.'),
  kubectlBinaryPath: text('Another `kubectl` program.'),
  inlineManifest: text('Manifests right here in this file.'),
  kustomize: choice('Build the manifests with kustomize.'),
  kustomizeArgs: texts('More arguments for kustomize.'),
  kustomizeBinaryPath: text('Another `kustomize` program.'),
  patches: list(patchTarget, 'Changes to the manifests before they are applied.'),
});

export const deployment = object({
  name: text('Name of the deployment; the key under `deployments` counts.'),
  helm: described(helm, 'Deploy a chart with Helm.'),
  kubectl: described(kubectl, 'Deploy manifests.'),
  updateImageTags: withDefault(choice('Put the tags that were just built into the manifests.'), true),
  namespace: text('Namespace to deploy to; the current one without it.'),
});
