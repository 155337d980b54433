import type { Duplex, Readable } from 'node:stream';
import type { ProcessStreams, TerminalSize } from '../sandbox/sandbox.ts';
import type { Pod } from './pod-types.ts';

/** What the API server asks of the kubelet: everything that touches the processes of a pod. */
export interface PodRuntime {
  /** Throws `StatusError` if the container (undefined: the pod) does not run here. */
  assertRunning(pod: Pod, container: string | undefined): void;
  /** Output of a container as stored, oldest first; ends at the end of the output, or with the container on `follow`. */
  log(pod: Pod, container: string, options: LogOptions): Readable;
  /** Starts a process in the container. Rejects with `StatusError` if the container does not run. */
  exec(pod: Pod, container: string, options: ExecRequest): Promise<ProcessStreams>;
  /** The streams of the container's own process; closing them leaves the process alone. */
  attach(pod: Pod, container: string): ProcessStreams;
  /** A TCP connection to a port of the pod. */
  connect(pod: Pod, port: number, signal: AbortSignal): Promise<Duplex>;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  /** Only lines at or after this time (milliseconds since 1970). */
  readonly since: number | undefined;
  readonly limitBytes: number | undefined;
  readonly signal: AbortSignal;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: TerminalSize | undefined;
  readonly signal: AbortSignal;
}
