import type { MachineBase } from './base.ts';

/** What pods need to know of their host. */
export interface HostContext {
  /** The state folder, without symbolic links. */
  readonly folder: string;
  readonly base: MachineBase;
  readonly nodePath: string;
}

/** What containers need to know of their pod. */
export interface PodContext extends HostContext {
  readonly id: string;
  readonly hostname: string;
  /** The folder of the pod inside the state folder, absolute. */
  readonly podFolder: string;
  /** Process 1 of the pod, as this machine sees it. */
  readonly holderPid: number;
  readonly network: 'own' | 'host';
}
