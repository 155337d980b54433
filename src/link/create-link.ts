import { abortable, abortReason, withDeadline } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { KubeClient, WatchEvent } from '../kube/client.ts';
import { describeQuery, podQuery, selectContainer, type TargetQuery } from '../kube/find-target.ts';
import type { ContainerRef, Pod } from '../kube/objects.ts';
import { podState } from '../kube/pod-state.ts';
import type { Target, TargetState } from '../kube/target.ts';

/** A target that is watched: it knows by itself when its container goes and when another one has come. */
export interface Link extends Target {
  readonly state: TargetState;
  subscribe(listener: (state: TargetState) => void): () => void;
  others(listener: (containers: readonly ContainerRef[]) => void): () => void;
}

export interface LinkOptions {
  readonly kube: KubeClient;
  readonly log: Log;
  /** How long `current` waits for a container. */
  readonly timeoutMs: number;
  /** The link watches from the first question on, until this aborts. */
  readonly signal: AbortSignal;
}

/**
 * Links the services of a run to one container. It stays with a container until that one is deleted, ends or starts
 * anew; then the newest pod that fits counts. A deleted pod is noticed with the event of the cluster, a cluster that
 * went silent within the 28 s of `KubeClient.watch`.
 */
export function createLink(query: TargetQuery, { kube, log, timeoutMs, signal }: LinkOptions): Link {
  const pods = new Map<string, Pod>();
  const listeners = new Set<(state: TargetState) => void>();
  const replicaListeners = new Set<() => void>();
  let state: TargetState = { kind: 'searching', why: 'asking the cluster' };
  let linked: string | undefined;
  let told: string | undefined;
  let watching: Promise<never> | undefined;

  const set = (next: TargetState) => {
    if (next.kind === state.kind && next.kind !== 'linked' && state.kind !== 'linked' && next.why === state.why) return;
    state = next;
    for (const listener of [...listeners]) listener(next);
  };
  const look = () => {
    const here = state.kind === 'linked' || state.kind === 'unreachable' ? linked : undefined;
    if (here !== undefined && [...pods.values()].some((pod) => identities(pod).includes(here))) return;
    const gone = linked;
    linked = undefined;
    const selection = selectContainer([...pods.values()], query);
    if (gone !== undefined) set({ kind: 'searching', why: 'the container has gone' });
    if (selection.found) {
      const { found } = selection;
      linked = identities(pods.get(found.pod)).find((identity) => identity.startsWith(`${found.container} `));
      set({ kind: 'linked', container: found });
      return;
    }
    set({ kind: 'searching', why: selection.why });
    const problem = selection.pod && podState(selection.pod).problem;
    if (problem && told !== problem.reason)
      log.warn(`Pod ${selection.pod?.metadata.name}: ${problem.reason}, ${problem.message}`);
    told = problem?.reason;
  };
  const onEvent = (event: WatchEvent, isListed: boolean) => {
    if (event.type === 'interrupted') set({ kind: 'unreachable', why: errorText(event.error) });
    else if (event.type === 'resumed') restore();
    else if (event.type === 'listed') look();
    else {
      const pod = event.object as Pod;
      const before = pods.get(pod.metadata.name)?.metadata.uid ?? pod.metadata.uid;
      if (event.type === 'deleted' && before === pod.metadata.uid) pods.delete(pod.metadata.name);
      else if (event.type !== 'deleted') pods.set(pod.metadata.name, pod);
      if (isListed) look();
    }
    if (isListed) for (const listener of [...replicaListeners]) listener();
  };
  /** Of none while nobody knows which container is the one that is linked. */
  const others = (): ContainerRef[] =>
    [...pods.values()].flatMap((pod) => {
      const { found } = selectContainer([pod], query);
      return found && state.kind === 'linked' && found.pod !== state.container.pod ? [found] : [];
    });
  /** The same container as before the silence, if it is still there. */
  const restore = () => {
    if (state.kind !== 'unreachable') return;
    const pod = [...pods.values()].find((one) => linked !== undefined && identities(one).includes(linked));
    if (pod && linked !== undefined) set({ kind: 'linked', container: refOf(pod, linked) });
    else look();
  };
  const watch = async (): Promise<never> => {
    let isListed = false;
    for await (const event of kube.watch(podQuery(query), { signal })) {
      isListed ||= event.type === 'listed';
      onEvent(event, isListed);
    }
    throw abortReason(signal);
  };
  const start = () => {
    watching ??= watch().finally(() => {
      watching = undefined;
    });
    watching.catch(() => {});
    return watching;
  };
  const linkedNow = (wanted: AbortSignal): Promise<ContainerRef> => {
    const found = defer<ContainerRef>();
    const listener = (next: TargetState) => {
      if (next.kind === 'linked') found.resolve(next.container);
      else log.status(`Waiting for ${describeQuery(query)}: ${next.why}`);
    };
    listeners.add(listener);
    listener(state);
    const lost = start();
    return abortable(Promise.race([found.promise, lost]), wanted).finally(() => {
      listeners.delete(listener);
      log.status(undefined);
    });
  };

  return {
    get state() {
      return state;
    },
    async current(wanted) {
      if (wanted.aborted) throw abortReason(wanted);
      if (state.kind === 'linked' && watching) return state.container;
      const left = new AbortController();
      const tooLate = () => {
        const why = state.kind === 'linked' ? 'it has gone again' : state.why;
        return new UserError('TARGET_NOT_FOUND', `No container to use in namespace ${query.namespace}: ${why}`);
      };
      const found = linkedNow(AbortSignal.any([wanted, left.signal]));
      return withDeadline(found, timeoutMs, tooLate).finally(() => left.abort());
    },
    // the watch knows better: a stream may break although its container lives
    lost: () => {},
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    others(listener) {
      const tell = () => {
        if (state.kind === 'linked') listener(others());
      };
      replicaListeners.add(tell);
      tell();
      return () => void replicaListeners.delete(tell);
    },
  };
}

/** `container uid restarts` of each container that runs: a container that has started anew is another one. */
function identities(pod: Pod | undefined): string[] {
  if (!pod || pod.metadata.deletionTimestamp !== undefined) return [];
  const statuses = pod.status?.containerStatuses ?? [];
  const uid = pod.metadata.uid ?? pod.metadata.name;
  return statuses
    .filter(({ state }) => state?.running !== undefined)
    .map(({ name, restartCount }) => `${name} ${uid} ${restartCount}`);
}

function refOf({ metadata: { name, namespace = '' } }: Pod, identity: string): ContainerRef {
  return { namespace, pod: name, container: identity.split(' ')[0] ?? '' };
}
