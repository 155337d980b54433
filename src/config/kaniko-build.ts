/** `kaniko` of an image; `spec-dev.md` 9.6 of the reference. What is a part of a pod is as in Kubernetes. */
export interface KanikoBuild {
  /** `without engine`: only if no Docker Engine answers. */
  readonly when: 'always' | 'without engine';
  /** Keep layers in the registry for the next build. */
  readonly cache: boolean;
  readonly snapshotMode: string;
  /** Of kaniko, and of what receives the context; absent: our choice. */
  readonly image?: string;
  readonly initImage?: string;
  readonly args: readonly string[];
  readonly command?: readonly string[];
  /** Absent: the namespace of the run. */
  readonly namespace?: string;
  readonly insecure: boolean;
  /** Secret with the login of the registry; absent: made for the build from that of Docker on this machine. */
  readonly pullSecret?: string;
  readonly mountLogin: boolean;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly object[];
  readonly serviceAccount?: string;
  readonly generateName?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly initEnv?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly envFrom?: Readonly<Record<string, object>>;
  readonly additionalMounts: readonly KanikoMount[];
  readonly resources?: object;
}

/** A Secret or a ConfigMap in the build container. */
export interface KanikoMount {
  readonly volume: { readonly secret: object } | { readonly configMap: object };
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly: boolean;
}
