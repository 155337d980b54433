import { UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient } from '../kube/client.ts';
import { podsOf, type TargetQuery } from '../kube/find-target.ts';
import type { ContainerRef } from '../kube/objects.ts';
import { selectReadyContainer } from '../kube/select-ready-container.ts';

export interface ChooseOptions {
  readonly kube: KubeClient;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * The container that fits now, without waiting; tells which one it is where several pods fit. Fails with
 * `TARGET_NOT_FOUND`.
 */
export async function chooseContainer(query: TargetQuery, options: ChooseOptions): Promise<ContainerRef> {
  const { namespace } = query;
  const pods = await podsOf(query, options.kube, options.signal);
  const { selection, candidates } = selectReadyContainer(pods, query);
  if (!selection.found) {
    throw new UserError('TARGET_NOT_FOUND', `No container to use in namespace ${namespace}: ${selection.why}`);
  }
  const { pod, container } = selection.found;
  const words = `Container ${container} of pod ${namespace}/${pod}`;
  if (candidates > 1) options.log.info(`${words}, one of ${candidates} pods that fit; --pod names another one`);
  else options.log.debug(words);
  return selection.found;
}
