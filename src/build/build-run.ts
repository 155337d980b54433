import type { Log } from '../core/log.ts';
import type { Redactor } from '../core/redact.ts';
import type { DockerClient } from '../docker/client.ts';
import type { KubeClient } from '../kube/client.ts';

/** What building needs from the run. */
export interface BuildRun {
  readonly docker: DockerClient;
  /** Folder of Docker's own config, for the credentials of registries. */
  readonly dockerConfigFolder: string;
  readonly redactor: Redactor;
  /** The environment of commands that build. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** An image that can be deployed. */
export interface BuiltImage {
  readonly name: string;
  /** Repository without a tag. */
  readonly image: string;
  readonly tag: string;
}

/** A program that loads images of the engine into a cluster of this machine. */
export interface ClusterLoader {
  readonly program: string;
  /** The names of the images follow. */
  readonly args: readonly string[];
  readonly cluster: string;
}

/** How an image comes to the cluster once the engine has it; `keep local`: it is there already. */
export type Delivery = 'push' | 'keep local' | ClusterLoader;

export interface BuildChoice {
  /** `where needed`: not for clusters of this machine that get images in another way. */
  readonly push: 'push' | 'keep local' | 'where needed';
  /** `when needed`: an image whose tag follows from its content is not built while it exists. */
  readonly rebuild: 'when needed' | 'always';
  /** How many images are built at the same time; all of them without it. */
  readonly atOnce?: number | undefined;
}

/** The choice for one image. */
export interface ImageOrder extends Pick<BuildChoice, 'rebuild'> {
  readonly push: Delivery;
  /** Build in this cluster, by the `inCluster` of the image, instead of in the engine. */
  readonly cluster?: KubeClient | undefined;
}
