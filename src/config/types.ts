import type { DevConfig, TargetSelector } from './dev-types.ts';
import type { KanikoBuild } from './kaniko-build.ts';
import type { DataPatch } from './patch-data.ts';

export type {
  AutoReload,
  ContainerReplacement,
  DevConfig,
  ImageOverride,
  InitialSync,
  LogsConfig,
  NamedSelector,
  PodReplacement,
  PortMapping,
  PortsConfig,
  SyncConfig,
  TargetSelector,
  TerminalConfig,
  UploadHook,
} from './dev-types.ts';
export type { KanikoBuild } from './kaniko-build.ts';

/**
 * The resolved configuration: what every engine works with, whatever version the file was written in. Complete: what
 * has a default is always there. Paths are absolute.
 */
export interface ResolvedConfig {
  /** The version that the file declares, such as `v1beta2`. */
  readonly version: string;
  /** Absolute folder of the configuration file. */
  readonly projectRoot: string;
  /** In the order of the file. */
  readonly images: readonly ImageConfig[];
  readonly deployments: readonly DeploymentConfig[];
  /** One for each registry that the cluster may need a login for. */
  readonly pullSecrets: readonly PullSecretConfig[];
  readonly dev: DevConfig;
  /** Those that are not disabled, in the order of the file. */
  readonly hooks: readonly HookConfig[];
}

export interface PullSecretConfig {
  /** Host with its port; `docker.io` is Docker Hub. */
  readonly registry: string;
  /** Absent, as the password: the login that Docker on this machine has. */
  readonly username?: string;
  readonly password?: string;
  readonly email: string;
  /** Name of the Secret in the cluster. */
  readonly secret: string;
  readonly serviceAccounts: readonly string[];
}

export interface ImageConfig {
  /** The key under `images`. */
  readonly name: string;
  /** Repository without a tag, such as `localhost:5000/me/app`. */
  readonly image: string;
  /** Fixed tags, a random letter for each `#`; without one the tag follows from the content. */
  readonly tags: readonly string[];
  /** Absolute path. */
  readonly dockerfile: string;
  /** Absolute path. */
  readonly context: string;
  /** Replaces the Dockerfile's ENTRYPOINT. An empty list clears it, absent leaves it as it is. */
  readonly entrypoint?: readonly string[];
  /** Replaces the Dockerfile's CMD. An empty list clears it, absent leaves it as it is. */
  readonly cmd?: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Stage of the Dockerfile to build; the last one without it. */
  readonly target?: string;
  /** Network mode of RUN instructions. */
  readonly network?: string;
  readonly skipPush: boolean;
  /** `ignoreContextChanges`: the tag follows from the Dockerfile and the options alone. */
  readonly rebuildStrategy: 'default' | 'always' | 'ignoreContextChanges';
  /** `build.disabled`: never build this image. */
  readonly disabled: boolean;
  /** Lines for the end of the stage that is built, before ENTRYPOINT and CMD. */
  readonly appendInstructions?: readonly string[];
  /** `injectRestartHelper`: put the helper before the program, with which a synchronisation starts it anew. */
  readonly restartHelper?: true;
  /** `preferMinikube: false`: build on the own engine also if the cluster is minikube. */
  readonly avoidsMinikube?: true;
  /** The program that builds in place of the engine's API. */
  readonly cli?: CliBuild;
  /** The command that builds and pushes the image in place of the Docker Engine. */
  readonly custom?: CustomBuild;
  /** How to build it in a pod of the cluster; absent: never. */
  readonly inCluster?: KanikoBuild;
}

/** `docker build` or `docker buildx build`; `spec-dev.md` 9.5 and 9.7 of the reference. */
export interface CliBuild {
  readonly kind: 'docker' | 'buildx';
  /** The words before `build`. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** `useBuildKit`. */
  readonly buildKit: boolean;
}

/** `custom` of an image; `spec-config.md` 9.3 of the reference. */
export interface CustomBuild {
  /** Absolute; commands run here, and the patterns are relative to it. */
  readonly folder: string;
  /** For every system that `commands` does not name. */
  readonly command?: string;
  readonly commands: readonly { readonly command: string; readonly os?: string }[];
  readonly args: readonly string[];
  /** Arguments after the image. */
  readonly appendArgs: readonly string[];
  /** Stands before the image as an argument of its own. */
  readonly imageFlag?: string;
  readonly imageArg: 'image' | 'tag' | 'none';
  /** Patterns of the files that the image is built from; none: it is always built. */
  readonly onChange: readonly string[];
}

export type DeploymentConfig = ManifestDeployment | ComponentDeployment | HelmDeployment;

interface DeploymentBase {
  readonly name: string;
  /** Absent: the default namespace of the run. */
  readonly namespace?: string;
  /** Whether images that were built get their new tag; `image(NAME)` and the like are filled in anyway. */
  readonly updateImageTags: boolean;
}

export interface ManifestDeployment extends DeploymentBase {
  readonly type: 'kubectl';
  /** Files, folders or globs, relative to the project; folders for kustomize. */
  readonly manifests: readonly string[];
  /** Manifests in the file itself. */
  readonly inlineManifest?: string;
  /** Absent: the manifests are taken as they are. */
  readonly kustomize?: KustomizeConfig;
  /** Changes to the objects before they are applied. */
  readonly patches: readonly ObjectPatch[];
  /** `--force-conflicts` among the arguments of `kubectl apply`. */
  readonly forceConflicts: boolean;
}

export interface ObjectPatch extends DataPatch {
  /** Without version or kind every object of the name is meant. */
  readonly target: { readonly apiVersion?: string; readonly kind?: string; readonly name: string };
}

export interface KustomizeConfig {
  readonly args: readonly string[];
  /** Programs to use instead of those on the PATH. */
  readonly kustomizeBinary?: string;
  readonly kubectlBinary?: string;
}

/** Rendered by ourselves, in the shape of the original's component chart. */
export interface ComponentDeployment extends DeploymentBase {
  readonly type: 'component';
  /** What its objects are named after; the deployment without it. */
  readonly releaseName?: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Relative to the project; `values` wins over them, the later over the earlier. */
  readonly valuesFiles: readonly string[];
}

/** A chart, deployed by the `helm` program. */
export interface HelmDeployment extends DeploymentBase {
  readonly type: 'helm';
  readonly releaseName: string;
  readonly chart: ChartConfig;
  readonly values: Readonly<Record<string, unknown>>;
  /** Relative to the project; `values` wins over them, the later over the earlier. */
  readonly valuesFiles: readonly string[];
  readonly upgradeArgs: readonly string[];
  readonly templateArgs: readonly string[];
  readonly displayOutput: boolean;
  readonly disableDependencyUpdate: boolean;
  readonly legacy: LegacyHelm;
}

export interface ChartConfig {
  /** A folder or an archive, absolute or relative to the project; a name in a repository; an address. */
  readonly name: string;
  readonly version?: string;
  /** Address of the repository. */
  readonly repo?: string;
  readonly username?: string;
  readonly password?: string;
  /** A repository of git that has the chart; `name` means nothing then. */
  readonly git?: GitSource;
}

/** A folder of a repository of git. */
export interface GitSource {
  readonly git: string;
  readonly subPath?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly revision?: string;
  readonly cloneArgs: readonly string[];
  readonly disableShallow: boolean;
  readonly disablePull: boolean;
}

/** What only older versions can say about a chart. */
export interface LegacyHelm {
  /** Another `helm` program. */
  readonly binary?: string;
  /** Where Helm keeps its releases: `secret` or `configmap`. */
  readonly driver?: string;
  readonly fetchArgs?: readonly string[];
  readonly deleteArgs?: readonly string[];
}

/** Something to do at moments of a command, such as `before:build`. */
export interface HookConfig {
  /** Absent: the file gives it no name. */
  readonly name?: string;
  readonly events: readonly string[];
  /** Names as Go has them (`linux`, `darwin`, `windows`); empty: on every system. */
  readonly os: readonly string[];
  /** The command goes on while it runs, and does not fail because of it. */
  readonly background: boolean;
  /** Its output is shown only if it fails. */
  readonly silent: boolean;
  readonly action: HookAction;
  /** Where the action happens; absent: on this machine. */
  readonly container?: HookContainer;
}

export type HookAction =
  /** Without `args` a line for the shell. */
  | { readonly kind: 'command'; readonly command: string; readonly args?: readonly string[] }
  /** `localPath` is absolute. */
  | { readonly kind: 'upload' | 'download'; readonly localPath: string; readonly containerPath: string }
  | { readonly kind: 'logs'; readonly tailLines?: number }
  | {
      readonly kind: 'wait';
      readonly running: boolean;
      readonly terminatedWithCode?: number;
      readonly timeoutSeconds: number;
    };

export interface HookContainer {
  readonly target: TargetSelector;
  readonly pod?: string;
  /** How long to wait until the container runs, 0: not at all. */
  readonly timeoutSeconds: number;
  /** A command runs once in each container. */
  readonly once: boolean;
}

/** What `loadConfig` gives: the configuration and what the user should know about it. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** Absolute path of the file. */
  readonly path: string;
  /** From `cluster.kubeContext` and `cluster.namespace` of old versions. */
  readonly kubeContext?: string;
  readonly namespace?: string;
  readonly warnings: readonly string[];
}
