import path from 'node:path';
import { isComponentChart } from './component-chart.ts';
import { toDataPatch } from './patch-data.ts';
import type { ResolveContext } from './resolve-context.ts';
import { toDevConfig } from './resolve-dev.ts';
import { toHelm } from './resolve-helm.ts';
import { toHooks } from './resolve-hooks.ts';
import { toKanikoBuild } from './resolve-kaniko.ts';
import { toPullSecrets } from './resolve-pull-secrets.ts';
import type { Model } from './schema/v2beta1.ts';
import type {
  CliBuild,
  CustomBuild,
  DeploymentConfig,
  ImageConfig,
  ManifestDeployment,
  ObjectPatch,
  ResolvedConfig,
} from './types.ts';
import { hasVariable, parseImageName } from './versions/image-name.ts';
import { toSafeName } from './versions/names.ts';

/** Fills in the defaults. The model has passed the strict and the semantic check. */
export function resolve(model: Model, context: ResolveContext): ResolvedConfig {
  return {
    version: context.declaredVersion,
    projectRoot: context.projectRoot,
    images: entriesOf(model.images).map(([name, image]) => toImage({ name, image, context })),
    deployments: entriesOf(model.deployments)
      .filter(([name]) => !context.legacy.disabledDeployments?.includes(name))
      .map(([name, deployment]) => toDeployment({ name, deployment, context })),
    pullSecrets: toPullSecrets(model, context),
    dev: toDevConfig(model, context),
    hooks: toHooks(model, context),
  };
}

type ImageModel = NonNullable<Model['images']>[string];
type DeploymentModel = NonNullable<Model['deployments']>[string];

const entriesOf = <Entry>(map: Record<string, Entry> | undefined): [string, Entry][] => Object.entries(map ?? {});

interface ImageToResolve {
  readonly name: string;
  readonly image: ImageModel;
  readonly context: ResolveContext;
}

function toImage({ name, image, context }: ImageToResolve): ImageConfig {
  const written = image.image ?? '';
  return {
    name,
    image: hasVariable(written) ? written : parseImageName(written).repository,
    tags: image.tags ?? [],
    dockerfile: path.resolve(context.projectRoot, image.dockerfile || './Dockerfile'),
    context: path.resolve(context.projectRoot, image.context || './'),
    ...(image.entrypoint === undefined ? {} : { entrypoint: image.entrypoint }),
    ...(image.cmd === undefined ? {} : { cmd: image.cmd }),
    buildArgs: toBuildArgs(image.buildArgs),
    ...(image.target ? { target: image.target } : {}),
    ...(image.network ? { network: image.network } : {}),
    skipPush: image.skipPush ?? false,
    rebuildStrategy: image.rebuildStrategy ?? 'default',
    disabled: context.legacy.disabledImages?.includes(toSafeName(name)) ?? false,
    ...(image.appendDockerfileInstructions?.length ? { appendInstructions: image.appendDockerfileInstructions } : {}),
    ...(image.injectRestartHelper || image.injectLegacyRestartHelper ? { restartHelper: true } : {}),
    ...((image.buildKit ?? image.docker)?.preferMinikube === false ? { avoidsMinikube: true } : {}),
    ...toCliBuild(image),
    ...(image.custom ? { custom: toCustomBuild(image.custom, context.projectRoot) } : toKanikoBuild(image)),
  };
}

/** The API of the engine builds unless a setting asks for what only the program can do. */
function toCliBuild({ docker, buildKit }: ImageModel): { cli?: CliBuild } {
  if (buildKit) {
    const { command = [], args = [] } = buildKit;
    const words = command.length > 0 ? command : ['docker', 'buildx'];
    return { cli: { kind: 'buildx', command: words, args, buildKit: false } };
  }
  const { useCli = false, useBuildKit = false, args = [] } = docker ?? {};
  if (!useCli && !useBuildKit && args.length === 0) return {};
  return { cli: { kind: 'docker', command: ['docker'], args, buildKit: useBuildKit } };
}

/** The newest version hands the image over only when told; older ones have been upgraded to tell it. */
function toCustomBuild(custom: NonNullable<ImageModel['custom']>, folder: string): CustomBuild {
  const { command, commands = [], args = [], appendArgs = [], imageFlag, imageTagOnly, onChange = [] } = custom;
  return {
    folder,
    ...(command ? { command } : {}),
    commands: commands.flatMap(({ command: own, os }) => (own ? [{ command: own, ...(os ? { os } : {}) }] : [])),
    args,
    appendArgs,
    ...(imageFlag ? { imageFlag } : {}),
    imageArg: custom.skipImageArg !== false ? 'none' : imageTagOnly ? 'tag' : 'image',
    onChange,
  };
}

/** An argument without a value is left to the Dockerfile. */
function toBuildArgs(buildArgs: ImageModel['buildArgs'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(buildArgs).filter((entry): entry is [string, string] => entry[1] !== null));
}

interface DeploymentToResolve {
  readonly name: string;
  readonly deployment: DeploymentModel;
  readonly context: ResolveContext;
}

function toDeployment({ name, deployment, context }: DeploymentToResolve): DeploymentConfig {
  const { kubectl, helm, namespace, updateImageTags = true } = deployment;
  const base = { name, updateImageTags, ...(namespace ? { namespace } : {}) };
  if (kubectl) return { ...base, ...toManifests(kubectl) };
  if (helm && !isComponentChart(helm.chart)) return { ...base, ...toHelm({ name, helm }, context) };
  const { releaseName, values = {}, valuesFiles = [] } = helm ?? {};
  return { ...base, type: 'component', ...(releaseName ? { releaseName } : {}), values, valuesFiles };
}

function toManifests(
  kubectl: NonNullable<DeploymentModel['kubectl']>,
): Omit<ManifestDeployment, 'name' | 'updateImageTags' | 'namespace'> {
  const { manifests = [], inlineManifest, kustomizeArgs = [], kustomizeBinaryPath, kubectlBinaryPath } = kubectl;
  const kustomize = {
    args: kustomizeArgs,
    ...(kustomizeBinaryPath ? { kustomizeBinary: kustomizeBinaryPath } : {}),
    ...(kubectlBinaryPath ? { kubectlBinary: kubectlBinaryPath } : {}),
  };
  return {
    type: 'kubectl',
    manifests,
    ...(inlineManifest ? { inlineManifest } : {}),
    ...(kubectl.kustomize ? { kustomize } : {}),
    patches: (kubectl.patches ?? []).map(toObjectPatch),
    forceConflicts: kubectl.applyArgs?.includes('--force-conflicts') ?? false,
  };
}

type PatchModel = NonNullable<NonNullable<DeploymentModel['kubectl']>['patches']>[number];

function toObjectPatch(patch: PatchModel): ObjectPatch {
  const { apiVersion, kind, name = '' } = patch.target ?? {};
  return {
    target: { ...(apiVersion ? { apiVersion } : {}), ...(kind ? { kind } : {}), name },
    ...toDataPatch(patch),
  };
}
