import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';

/** What deploying needs from the run. */
export interface DeployRun {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Name of the project whose deployments these are. */
  readonly project: string;
  readonly conflicts: 'fail' | 'take';
  /** `always`: also what is unchanged, and what another run seems to be at. */
  readonly redeploy: 'when changed' | 'always';
  readonly env: Readonly<Record<string, string | undefined>>;
}
