import type { Prompt } from '../config/variables/prompt.ts';
import type { Log } from '../core/log.ts';
import type { Redactor } from '../core/redact.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { DockerClient, EngineAddress } from '../docker/client.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeconfigFile } from '../kube/kubeconfig-files.ts';

/** The world outside, as the workflows get it. Made in `cli/create-tools.ts`; nothing is contacted before first use. */
export interface Tools {
  readonly log: Log;
  readonly redactor: Redactor;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly io: TerminalIo;
  /** Absolute path of our own program. */
  readonly program: string;
  /** Absent: there is nobody to ask. */
  readonly prompt: Prompt | undefined;
  /** Folder of Docker's own config. */
  readonly dockerConfigFolder: string;
  /** Rejects with `KUBE_CONFIG` if there is no usable kubeconfig. */
  kube(choice: KubeChoice): Promise<KubeClient>;
  /** The files behind the kubeconfig; no cluster is contacted. Rejects with `KUBE_CONFIG` if there is none. */
  kubeconfigFiles(): Promise<readonly KubeconfigFile[]>;
  /** Without an address the engine of the environment. */
  docker(engine?: EngineAddress): Promise<DockerClient>;
  /** The name of what lines on stdout are of, in a colour of its own where stdout shows colours. */
  paintName(name: string): string;
  /** Writes to the terminal without a mix-up with the status line, which is drawn again below. */
  aside<T>(write: () => T): T;
  /**
   * From now on the terminal belongs to a remote program: lines of the log go to the file until the returned function
   * is called.
   */
  holdOutput(file: string): () => void;
}

/** The tools during one run of a command. */
export interface Run extends Tools {
  readonly signal: AbortSignal;
}

/** Tells the user something between two remote programs, while lines of the log may go to a file. */
export const toNotice =
  ({ stderr }: TerminalIo) =>
  (text: string): void =>
    void stderr.write(`devspace: ${text}\n`);

/** What flags and configuration say about the cluster; the kubeconfig decides the rest. */
export interface KubeChoice {
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}
