import type { Duplex, Readable, Writable } from 'node:stream';
import type { ResolvedImage } from '../images/image.ts';

/**
 * Pods as sandboxed local processes (Linux, without root). Implemented by `openSandboxHost` in `host.ts`.
 *
 * Everything that is started dies with this process, also when it is killed with SIGKILL: each pod lives in a process
 * namespace whose first process ends when our end of its standard input closes.
 */
export interface SandboxHost {
  /** Makes the namespaces of one pod. Rejects with `SandboxError`; what was made until then is removed. */
  createPod(options: PodOptions): Promise<PodSandbox>;
  /** Removes all pods. Idempotent; resolves when their processes are gone. */
  close(): Promise<void>;
}

export interface PodOptions {
  /** Unique among the running pods; letters, digits and hyphens, such as the uid of the pod. */
  readonly id: string;
  readonly hostname: string;
  /** `own` (default): a network namespace with a loopback of its own. `host`: the network of this machine. */
  readonly network?: 'own' | 'host';
  /** Further lines for `/etc/hosts` of its containers. */
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  readonly signal: AbortSignal;
}

/** The namespaces that the containers of a pod share: network, host name, System V IPC. */
export interface PodSandbox {
  readonly id: string;
  /** Resolves when the sandbox is gone, for whatever reason (also when its first process was killed from outside). */
  readonly gone: Promise<void>;
  /**
   * Starts a container. Resolves when its process runs; rejects with `SandboxError`: `COMMAND_NOT_FOUND` and
   * `COMMAND_NOT_EXECUTABLE` (words as runc's, fit for the reason `StartError`, exit code 128), `USER_NOT_FOUND`,
   * `BAD_MOUNT`, `SETUP`.
   */
  startContainer(options: ContainerOptions): Promise<ContainerProcess>;
  /**
   * A TCP connection to port at 127.0.0.1, else ::1, inside the pod. Half-close works both ways (`end()` sends FIN, the other
   * side's FIN ends the readable side only). Rejects with `SandboxError` `CONNECTION_REFUSED` if nobody listens.
   */
  connect(port: number, signal: AbortSignal): Promise<Duplex>;
  /** Lets processes of the pod reach services by name and port; resolves when they can. Replaces the list before. */
  setServices(services: readonly ServiceRoute[]): Promise<void>;
  /** Kills everything in the pod and removes the writable layers. Idempotent; resolves when all is gone. */
  remove(): Promise<void>;
}

/** A way from inside the pod to somewhere else: the names resolve, and each port leads to `connect`. */
export interface ServiceRoute {
  /** All names it should answer to, such as `db`, `db.default`, `db.default.svc.cluster.local`. */
  readonly hostnames: readonly string[];
  /** The cluster IP; the pod gets this address on its loopback. */
  readonly ip: string;
  readonly ports: readonly number[];
  /** Opens the way for one connection; rejecting resets the connection. Usually calls `connect` of another pod. */
  connect(port: number, signal: AbortSignal): Promise<Duplex>;
}

export interface Mount {
  /** A file or folder inside the state folder of the sandbox host; others are refused with `BAD_MOUNT`. */
  readonly source: string;
  /** Absolute path in the container; made if missing. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** What is run; what is left out comes from the image. */
interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute; a missing folder is made. */
  readonly workingDir?: string;
  /** With a terminal, stdout and stderr are one stream (`stdout`). */
  readonly tty?: TerminalSize | undefined;
  /** Whether there is something to read on standard input (default: `/dev/null`). */
  readonly stdin?: 'open' | 'none';
}

export interface ContainerOptions extends ProcessOptions {
  /** Unique in the pod among all containers, also the ones before a restart, such as `app-0`, `app-1`. */
  readonly id: string;
  readonly image: ResolvedImage;
  /** Replaces the ENTRYPOINT of the image, and its CMD too (as Kubernetes does). */
  readonly command?: readonly string[] | undefined;
  /** Replaces the CMD of the image. */
  readonly args?: readonly string[] | undefined;
  /** `name`, `uid` or `uid:gid`; default is the image's user. The process sees just this user and `nobody`. */
  readonly user?: string | undefined;
  readonly mounts?: readonly Mount[];
  /** The root file system cannot be written (`readOnlyRootFilesystem`). */
  readonly rootFilesystem?: 'writable' | 'read-only';
  readonly signal: AbortSignal;
}

/** How a process ended. `exitCode` is 128 + signal for one that was killed, as Kubernetes shows it. */
export interface ProcessExit {
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals | undefined;
}

/** Streams of a process. They must be read (or resumed), or the process blocks once the pipe is full. */
export interface ProcessStreams {
  readonly stdout: Readable;
  /** Ends at once if the process has a terminal. */
  readonly stderr: Readable;
  /** `end()` closes the standard input of the process. Absent without `stdin: 'open'`. */
  readonly stdin?: Writable | undefined;
  /** The input goes on after a client that has left, or ended its own. */
  readonly keepsStdin?: boolean;
  /** Settles once, never rejects. Output may still be buffered in the streams then; they end on their own. */
  readonly exited: Promise<ProcessExit>;
  /** Resizes the terminal; nothing happens without one or after the end. */
  resize(size: TerminalSize): Promise<void>;
  /** Sends the signal to the process; nothing happens after its end. */
  kill(signal: NodeJS.Signals): void;
}

export interface ContainerProcess extends ProcessStreams {
  readonly id: string;
  /** As this machine sees it; inside the container it is process 1. When it ends, all its others are killed. */
  readonly pid: number;
  /**
   * Starts a further process in the running container with the container's environment, user and folder.
   * Rejects with `SandboxError` as `startContainer` does, and `NOT_RUNNING` if the container has ended.
   */
  exec(options: ExecOptions): Promise<ProcessStreams>;
  /** Kills the container if it runs, and removes its writable layer. Idempotent. */
  remove(): Promise<void>;
}

export interface ExecOptions extends ProcessOptions {
  readonly command: readonly string[];
  readonly signal: AbortSignal;
}

export type SandboxErrorCode =
  | 'COMMAND_NOT_FOUND'
  | 'COMMAND_NOT_EXECUTABLE'
  | 'USER_NOT_FOUND'
  | 'BAD_MOUNT'
  | 'CONNECTION_REFUSED'
  | 'NOT_RUNNING'
  | 'SETUP';

/** A failure of the sandbox, for the caller to turn into a state of the pod or an answer of the engine. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
