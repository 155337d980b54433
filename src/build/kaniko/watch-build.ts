import { createInterface } from 'node:readline';
import { abortReason, sleep } from '../../core/abort.ts';
import { UserError } from '../../core/errors.ts';
import { plainText } from '../../core/redact.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ContainerRef, Pod } from '../../kube/objects.ts';
import type { BuildRun } from '../build-run.ts';
import { type BuildStage, selectStage } from './select-stage.ts';

export interface ClusterBuildRun extends Pick<BuildRun, 'log' | 'signal'> {
  readonly kube: KubeClient;
}

/** The last stage of a wait: what was waited for, or that there is nothing more to wait for. */
export type ReachedStage = Exclude<BuildStage, { kind: 'waits' }>;

const logPauseMs = 500;

/**
 * Watches the pod until `isReached` says so, also over lost connections. That it ended, broke or was deleted always counts
 * as reached. Shows what it waits for.
 */
export async function waitForStage(
  { namespace, pod: name }: Pick<ContainerRef, 'namespace' | 'pod'>,
  isReached: (stage: BuildStage) => boolean,
  { kube, log, signal }: ClusterBuildRun,
): Promise<ReachedStage> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `metadata.name=${name}` };
  let isThere = false;
  for await (const event of kube.watch(query, { signal })) {
    if (event.type === 'deleted' || (event.type === 'listed' && !isThere)) {
      return { kind: 'broken', text: 'somebody deleted it' };
    }
    if (!('object' in event)) continue;
    isThere = true;
    const stage = selectStage(event.object as Pod);
    if (stage.kind === 'waits') {
      log.status(`Waiting for the build pod: ${stage.text}`);
      continue;
    }
    if (stage.kind === 'ended' || stage.kind === 'broken' || isReached(stage)) return stage;
  }
  throw abortReason(signal);
}

/** Shows the lines of a container until its log ends and `isOver` says so; a log that breaks before is opened again. */
export async function showLog(
  ref: ContainerRef,
  isOver: () => boolean,
  { kube, log, signal }: ClusterBuildRun,
): Promise<void> {
  let options: { readonly sinceSeconds?: number } = {};
  while (!signal.aborted) {
    try {
      const stream = await kube.streamLog(ref, { follow: true, ...options, signal });
      for await (const line of createInterface({ input: stream, signal })) {
        const text = plainText(line);
        log.debug(text);
        log.status(text.replace(/^\w+\[\d+\] /, ''));
      }
    } catch {
      // the stage of the pod tells what became of it
    }
    if (isOver()) return;
    await sleep(logPauseMs, signal).catch(() => {});
    if (isOver()) return;
    options = { sinceSeconds: 1 };
  }
}

/** `KUBE_STREAM`: the connection broke, which says nothing about what it carried. */
export const isBrokenStream = (error: unknown): boolean => error instanceof UserError && error.code === 'KUBE_STREAM';
