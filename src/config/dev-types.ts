import type { DataPatch } from './patch-data.ts';

export interface DevConfig {
  /** Applied to the images for `devspace dev` only. */
  readonly overrideImages: readonly ImageOverride[];
  /** Files whose change builds and deploys again; absent: none. */
  readonly autoReload?: AutoReload;
  /** Pods that others take the place of while `devspace dev` is used. */
  readonly replacements: readonly PodReplacement[];
  readonly ports: readonly PortsConfig[];
  /** Ports of this machine that are reachable in containers. */
  readonly reversePorts: readonly PortsConfig[];
  readonly sync: readonly SyncConfig[];
  readonly terminal: TerminalConfig;
  /** Whose logs are shown when no terminal is opened. */
  readonly logs: readonly LogsConfig[];
  /** Pages to open in the browser once they answer. */
  readonly open: readonly string[];
  /** What can be named on the command line with `--selector`. */
  readonly selectors: readonly NamedSelector[];
}

/** Of the versions before v2beta1. */
export interface AutoReload {
  /** Globs, relative to the project. */
  readonly paths: readonly string[];
  /** Their manifests, values files or charts. */
  readonly deployments: readonly string[];
  /** Their Dockerfiles. */
  readonly images: readonly string[];
}

export interface LogsConfig {
  readonly target: TargetSelector;
  readonly disabled: boolean;
  /** How many older lines come first. */
  readonly lastLines: number;
}

/** An entry under `dev`, or under `dev.selectors` of old versions, which selects a container. */
export interface NamedSelector {
  readonly name: string;
  readonly target: TargetSelector;
}

export interface ImageOverride {
  /** Key under `images`. */
  readonly name: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly dockerfile?: string;
  readonly context?: string;
}

export interface PortsConfig {
  readonly target: TargetSelector;
  readonly forward: readonly PortMapping[];
}

export interface PortMapping {
  /** On this machine. */
  readonly port: number;
  /** In the container. */
  readonly remotePort: number;
  /** Where the side that listens does so. */
  readonly bindAddress: string;
}

export interface SyncConfig {
  readonly target: TargetSelector;
  /** Absolute path. */
  readonly localPath: string;
  /** As written; `.` is the working directory of the container. */
  readonly containerPath: string;
  /** `file`: both paths are those of a file. */
  readonly file: boolean;
  /** Name of the only file of the two folders that is meant; an entry that is started has it in place of `file`. */
  readonly only?: string;
  /** Gitignore syntax. */
  readonly excludePaths: readonly string[];
  readonly uploadExcludePaths: readonly string[];
  readonly downloadExcludePaths: readonly string[];
  /** Files with further patterns, relative to `localPath`. */
  readonly excludeFile?: string;
  readonly uploadExcludeFile?: string;
  readonly downloadExcludeFile?: string;
  readonly initialSync: InitialSync;
  readonly initialSyncCompareBy: 'mtime' | 'size';
  readonly disableUpload: boolean;
  readonly disableDownload: boolean;
  readonly waitInitialSync: boolean;
  /** Ends after the first synchronisation. */
  readonly noWatch: boolean;
  /** Never let the container tell changes by itself. */
  readonly polling: boolean;
  /** KiB per second; absent: as fast as it goes. */
  readonly bandwidthLimits: { readonly upload?: number; readonly download?: number };
  /** What is run after an upload, in this order. */
  readonly onUpload: readonly UploadHook[];
  /** `printLogs`: name every path that is carried, however many there are. */
  readonly printsLog: boolean;
  /** Whether the program of the container is started anew then. */
  readonly restartsContainer: boolean;
  /** Whether the program of the container waits for the first synchronisation. */
  readonly startsContainer: boolean;
  /** Whether the other pods that fit get what changes here, too. */
  readonly allReplicas: boolean;
}

/**
 * What happens to a path of which no common earlier state is known, at the first synchronisation (our reference,
 * `spec-sync.md` section 5). `newestLocal` is the rule of the versions up to v1beta2.
 */
export type InitialSync =
  | 'newestLocal'
  | 'mirrorLocal'
  | 'mirrorRemote'
  | 'preferLocal'
  | 'preferRemote'
  | 'preferNewest'
  | 'keepAll'
  | 'disabled';

/** A command after an upload. */
export interface UploadHook {
  readonly name?: string;
  readonly command: string;
  /** Without it the command is a line for the shell. */
  readonly args?: readonly string[];
  readonly where: 'local' | 'container';
  /** Once for every path of this kind that was uploaded, which stands for `{}`; absent: once for all of them. */
  readonly each?: 'file' | 'folder';
  /** Only if one of these patterns fits a path that was uploaded; empty: always. */
  readonly onChange: readonly string[];
  /** Its failure ends the synchronisation. */
  readonly failOnError: boolean;
  /** Once for each container. */
  readonly once: boolean;
}

export interface TerminalConfig {
  readonly disabled: boolean;
  /** Absent: the file names no container for the terminal. */
  readonly target?: TargetSelector;
  /** Absent: bash if the container has it, else sh. */
  readonly command?: readonly string[];
}

/** What is changed in a pod for the time of development. */
export interface PodReplacement {
  /** Key under `dev`. */
  readonly name: string;
  /** Without a container. */
  readonly target: TargetSelector;
  readonly containers: readonly ContainerReplacement[];
  /** Of the pod's metadata and spec, after everything else. */
  readonly patches: readonly DataPatch[];
}

export interface ContainerReplacement {
  /** Absent: the only container of the pod, or its first one. */
  readonly containerName?: string;
  /** With `image(NAME)` and runtime variables still in it. */
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A terminal takes the place of the program, which is not started. */
  readonly isIdle: boolean;
  /** Files are synchronised into it. */
  readonly isSynced: boolean;
  /** What starts `command`: nothing of ours, what starts it anew when asked, or that only after the first synchronisation. */
  readonly start: 'itself' | 'restartable' | 'after sync';
}

/** Which container is meant. Named selectors of the file are already filled in. */
export interface TargetSelector {
  readonly labelSelector: Readonly<Record<string, string>>;
  /** Image of the container, with `image(NAME)`, `tag(NAME)` and runtime variables still in it; then no labels are given. */
  readonly imageSelector?: string;
  /** Absent: the default namespace of the run. */
  readonly namespace?: string;
  /** Absent: the only container of the pod, or its first one. */
  readonly containerName?: string;
  /** One pod and no other; no configuration says this. */
  readonly podName?: string;
}
