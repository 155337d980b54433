/** What is changed in a pod for the time of development. */
export interface PodReplacement {
  /** Key under `dev`. */
  readonly name: string;
  /** Without a container. */
  readonly target: TargetSelector;
  readonly containers: readonly ContainerReplacement[];
  /** Of the pod's metadata and spec, after everything else. */
  readonly patches: readonly PodPatch[];
}

export interface PodPatch {
  readonly op: string;
  /** In any form that patches of profiles know. */
  readonly path: string;
  readonly value?: unknown;
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
}
