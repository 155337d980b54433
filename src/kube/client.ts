import type { Duplex, Readable, Writable } from 'node:stream';
import type { LocalCluster } from './local-cluster.ts';
import type { ContainerRef, KubeObject, ObjectRef } from './objects.ts';

/**
 * The cluster, as narrow as the engines need it. Every method rejects with a `UserError` that names the object, or
 * with the reason of the signal. Calls may overlap.
 */
export interface KubeClient {
  /** Name of the kubeconfig's context that is used for the whole run. */
  readonly context: string;
  /** Namespace of the run: the flag, else the context's own, else `default`. */
  readonly namespace: string;
  /**
   * `KUBECONFIG` for other programs that are to act on this very cluster, together with the context. Absent: the service
   * account of the pod that we run in, which such programs find by themselves.
   */
  readonly kubeconfig?: string;
  /** Whether the cluster is one of this machine: by its context, or as its API server listens here alone. */
  readonly isLocal: boolean;
  /** The cluster as one of this machine that takes images without a registry, by its context; makes no contact. */
  localCluster(): LocalCluster | undefined;
  /** The object, or `undefined` if it does not exist. */
  read(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  list(query: ListQuery, signal: AbortSignal): Promise<KubeObject[]>;
  /**
   * What is there now, then every change, until the loop that reads it ends or the signal aborts. Gaps are closed by
   * itself: it reconnects with a growing pause, and what changed meanwhile comes as events. An account that may list but
   * not watch hears of changes within about a second. Rejects only if the first listing fails, and with the reason of
   * the signal.
   */
  watch(query: ListQuery, options: WatchOptions): AsyncIterable<WatchEvent>;
  /**
   * Server-side apply (KEP-555) with our field manager. Returns the object as the cluster has it now. The namespace of
   * an object that has none is `defaultNamespace`, unless its kind is cluster-wide.
   */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** Deletes the object; what it owns follows soon after. `false` if it did not exist. */
  delete(ref: ObjectRef, signal: AbortSignal): Promise<boolean>;
  /** Whether objects of this kind live in a namespace; `undefined` if the cluster does not know the kind. */
  isNamespaced(kind: KindRef, signal: AbortSignal): Promise<boolean | undefined>;
  /** The last lines that the container printed; of its previous run with `previous`. */
  readLog(container: ContainerRef, options: LogOptions): Promise<string>;
  /**
   * What the container prints, as it comes. Resolves when the cluster has accepted it. Ends when the container has
   * ended (or at once without `follow`); fails with `KUBE_STREAM` if the connection broke. It is read no faster than
   * its reader reads.
   */
  streamLog(container: ContainerRef, options: LogStreamOptions): Promise<Readable>;
  /** Starts a process in the container. Resolves when the cluster has accepted it. */
  exec(container: ContainerRef, options: ExecOptions): Promise<ExecSession>;
  /**
   * Connects to the main process of the container, as it was started: with a terminal only if it has one, with `stdin`
   * only if it reads one. `exit` resolves with 0 when the process has ended, however it did.
   */
  attach(container: ContainerRef, options: AttachOptions): Promise<ExecSession>;
  /**
   * A connection to a TCP port of the pod; `end()` is a half-close. It can be used at once: that nothing listens there
   * is told by its error `PORT_REFUSED`, that the
   * pod is gone by `CONTAINER_NOT_RUNNING` (both: the pod has got nothing), and a connection that broke by another one.
   */
  openPort(pod: PodRef, port: number, signal: AbortSignal): Promise<Duplex>;
}

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface PodRef {
  readonly namespace: string;
  readonly pod: string;
}

export interface ListQuery extends KindRef {
  readonly namespace: string;
  /** `key=value,key2=value2`; everything without it. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface WatchOptions {
  readonly signal: AbortSignal;
}

export type WatchEvent =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: KubeObject }
  /** Everything that is there has been told: after the first listing, and after each one that closed a gap. */
  | { readonly type: 'listed' }
  /** The connection broke; changes are told later, when it is back. */
  | { readonly type: 'interrupted'; readonly error: Error }
  /** The connection is back; what was missed comes before or after this. */
  | { readonly type: 'resumed' };

export interface ApplyOptions {
  readonly defaultNamespace: string;
  /** What to do when another field manager owns a field that we set: fail and name it, or take the field over. */
  readonly conflicts: 'fail' | 'take';
  /** Who owns the fields; `devspace` without it. */
  readonly fieldManager?: string;
  /** `dry run`: the cluster only says what it would make of it. */
  readonly effect?: 'lasting' | 'dry run';
  readonly signal: AbortSignal;
}

export interface LogOptions {
  readonly tailLines: number;
  readonly run: 'current' | 'previous';
  readonly signal: AbortSignal;
}

export interface LogStreamOptions {
  /** Go on with what is printed from now on. */
  readonly follow?: boolean;
  /** Only what was printed in the last seconds, or since this moment (RFC 3339); everything without both. */
  readonly sinceSeconds?: number | undefined;
  readonly sinceTime?: string | undefined;
  /** Only so many of the last lines. */
  readonly tailLines?: number | undefined;
  /** The log of the run before the last restart. */
  readonly previous?: boolean;
  /** Begin each line with the moment at which it was printed. */
  readonly timestamps?: boolean;
  readonly signal: AbortSignal;
}

export interface ExecOptions extends AttachOptions {
  readonly command: readonly string[];
}

export interface AttachOptions {
  /** With a terminal stdout and stderr are one stream. */
  readonly terminal: 'tty' | 'none';
  readonly stdin: 'open' | 'none';
  readonly size?: TerminalSize;
  /** Ends the session; the process in the container is not killed by it. */
  readonly signal: AbortSignal;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A process in a container. Whoever has it must read `stdout` and `stderr`. */
export interface ExecSession {
  /** `end()` closes the stdin of the process. Absent when no stdin was asked for. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  /** Absent with a terminal. */
  readonly stderr: Readable | undefined;
  resize(size: TerminalSize): void;
  /** The exit code of the process. Rejects with `KUBE_STREAM` if the connection broke before it was known. */
  readonly exit: Promise<number>;
  /** Ends the connection at once. */
  close(): void;
}
