/** What an image says about the process that is started from it; field names are those of the Docker Engine API. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  /** `NAME=value` each. */
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  /** `name`, `uid`, `name:group` or `uid:gid`; empty means root. */
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly Shell?: readonly string[];
  readonly Healthcheck?: object;
}

/** An image that is in the store and can be run. */
export interface ResolvedImage {
  /** `sha256:…` of the image's own description. */
  readonly id: string;
  /** The name as it was asked for. */
  readonly reference: string;
  /** `repository@sha256:…`, as a kubelet reports it in `imageID`; the id when it was never pushed. */
  readonly imageID: string;
  /** Absolute folders of the layers, lowest first. They lie over this machine's own programs. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /** True if the name only stands for this machine's own programs (`node:20`, `busybox` …). */
  readonly standsForMachine: boolean;
}
