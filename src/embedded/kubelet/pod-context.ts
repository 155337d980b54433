import type { Pod } from '../api/pod-types.ts';
import type { Objects } from '../api/write.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { PodSandbox } from '../sandbox/sandbox.ts';
import type { ContainerLog } from './container-log.ts';
import type { Recorder } from './event-recorder.ts';
import type { VolumeContext } from './volumes.ts';

/** What the containers of one pod share. */
export interface PodContext {
  readonly objects: Objects;
  readonly images: ImageStore;
  readonly recorder: Recorder;
  readonly volumes: VolumeContext;
  /** For everything that belongs to this pod; removed with it. */
  readonly folder: string;
  /** The pod as the server has it now. */
  pod(): Pod;
  /** Only after the sandbox was made. */
  sandbox(): PodSandbox;
  /** The state of a container changed: the status of the pod is written. */
  changed(): void;
  /** The log of the newest run of a container; older ones than the one before are removed. */
  keepLog(container: string, log: ContainerLog): void;
}
