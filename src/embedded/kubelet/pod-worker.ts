import { rm } from 'node:fs/promises';
import path from 'node:path';
import { abortable, sleep } from '../../core/abort.ts';
import { errorText, isCancelled } from '../../core/errors.ts';
import { deleteObject } from '../api/delete.ts';
import { timestamp } from '../api/objects.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../api/pod-types.ts';
import { placeOf } from '../api/write.ts';
import type { PodSandbox, SandboxHost } from '../sandbox/sandbox.ts';
import type { ContainerLog } from './container-log.ts';
import { type ContainerRunner, createContainerRunner } from './container-runner.ts';
import { ConfigError, hostnameOf } from './environment.ts';
import type { PodContext } from './pod-context.ts';
import { toConditions, toPhase } from './pod-status.ts';
import { prepareVolumes } from './volumes.ts';

export type WorkerOptions = Omit<PodContext, 'pod' | 'sandbox' | 'changed' | 'keepLog'> & {
  readonly host: SandboxHost;
  readonly pod: Pod;
  readonly podIP: string;
};

/** Runs one pod from its creation to its removal. */
export interface PodWorker {
  readonly sandbox: PodSandbox | undefined;
  readonly runners: ReadonlyMap<string, ContainerRunner>;
  readonly podIP: string;
  log(container: string, run: 'current' | 'previous'): ContainerLog | undefined;
  /** The object changed: takes over the new state; a deletion mark ends the pod within its grace period. */
  update(pod: Pod): void;
  /** The object is gone, or the cluster stops: kills everything at once. Resolves when all is removed. */
  kill(): Promise<void>;
}

const volumeRetryMs = 1000;

export function startPodWorker(options: WorkerOptions): PodWorker {
  const { objects, recorder, host } = options;
  const pods = objects.resources.builtIn('pods');
  const place = placeOf(options.pod);
  const stopping = new AbortController();
  const logs = new Map<string, ContainerLog[]>();
  const runners = new Map<string, ContainerRunner>();
  let pod = options.pod;
  let sandbox: PodSandbox | undefined;
  let termination: Promise<void> | undefined;
  const started = pod.status?.startTime ?? timestamp();

  const context: PodContext = {
    ...options,
    pod: () => pod,
    sandbox: () => {
      if (!sandbox) throw new Error('the sandbox is not ready');
      return sandbox;
    },
    changed: writeStatus,
    keepLog(container, log) {
      const kept = [...(logs.get(container) ?? []), log];
      for (const old of kept.splice(0, kept.length - 2)) old.remove();
      logs.set(container, kept);
    },
  };

  function statusesOf(containers: readonly Container[] | undefined, reason: string): ContainerStatus[] {
    return (containers ?? []).map((container) => {
      const { name, image = '' } = container;
      const runner = runners.get(name);
      if (runner) return structuredClone(runner.status);
      return {
        name,
        image,
        imageID: '',
        ready: false,
        started: false,
        restartCount: 0,
        state: { waiting: { reason } },
        lastState: {},
      };
    });
  }

  /** Works the containers' states into the status of the pod. */
  function writeStatus(): void {
    const inits = statusesOf(pod.spec.initContainers, 'PodInitializing');
    const waiting = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    const containers = statusesOf(pod.spec.containers, waiting);
    for (const status of inits) status.ready = status.state.terminated?.exitCode === 0;
    const base: PodStatus = {
      ...pod.status,
      phase: toPhase(pod, inits, containers),
      hostIP: '127.0.0.1',
      startTime: started,
      ...(sandbox ? { podIP: options.podIP, podIPs: [{ ip: options.podIP }] } : {}),
      ...(inits.length > 0 ? { initContainerStatuses: inits } : {}),
      containerStatuses: containers,
    };
    const status: PodStatus = { ...base, conditions: toConditions(pod, base) };
    objects.edit<Pod>(pods, place, {
      manager: 'kubelet',
      subresource: 'status',
      change: (draft) => {
        if (draft.metadata.uid === pod.metadata.uid) draft.status = status;
      },
    });
    pod = objects.get<Pod>(pods, place) ?? pod;
  }

  async function run(): Promise<void> {
    const { signal } = stopping;
    writeStatus();
    await prepare(signal);
    sandbox = await host.createPod({
      id: pod.metadata.uid ?? place.name,
      hostname: hostnameOf(pod),
      network: pod.spec.hostNetwork === true ? 'host' : 'own',
      hostAliases: (pod.spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
      signal,
    });
    writeStatus();
    const restart =
      pod.spec.restartPolicy === 'Never' || pod.spec.restartPolicy === 'OnFailure' ? pod.spec.restartPolicy : 'Always';
    for (const container of pod.spec.initContainers ?? []) {
      const runner = add(container, restart === 'Never' ? 'Never' : 'OnFailure');
      await runner.run(signal);
      if (runner.status.state.terminated?.exitCode !== 0) return;
    }
    const main = pod.spec.containers.map((container) => add(container, restart));
    await Promise.all([...main.map((runner) => runner.run(signal)), deadline(signal, main)]);
  }

  function add(container: Container, restart: 'Always' | 'OnFailure' | 'Never'): ContainerRunner {
    const all = [
      ...(options.pod.status?.containerStatuses ?? []),
      ...(options.pod.status?.initContainerStatuses ?? []),
    ];
    const before = all.find(({ name, containerID }) => name === container.name && containerID !== undefined);
    const runner = createContainerRunner(context, container, { restart, before: before && afterCrash(before) });
    runners.set(container.name, runner);
    return runner;
  }

  /** Ends the pod when `activeDeadlineSeconds` is over. */
  async function deadline(signal: AbortSignal, main: readonly ContainerRunner[]): Promise<void> {
    const seconds = pod.spec.activeDeadlineSeconds;
    if (seconds === undefined) return;
    const over = new AbortController();
    const ended = Promise.all(main.map(async (runner) => runner.process?.exited)).then(() => over.abort());
    try {
      await sleep(seconds * 1000, AbortSignal.any([signal, over.signal]));
      await Promise.all(main.map((runner) => runner.stop(1000)));
    } catch (error) {
      if (!isCancelled(error)) throw error;
    }
    await abortable(ended, signal);
  }

  async function prepare(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await prepareVolumes(options.volumes, pod);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        recorder.record(pod, {
          type: 'Warning',
          reason: 'FailedMount',
          message: `MountVolume.SetUp failed: ${error.message}`,
        });
        await sleep(volumeRetryMs, signal);
      }
    }
  }

  const finished = run()
    .catch((error: unknown) => {
      if (isCancelled(error) || stopping.signal.aborted) return;
      recorder.record(pod, {
        type: 'Warning',
        reason: 'FailedCreatePodSandBox',
        message: `Failed to create pod sandbox: ${errorText(error)}`,
      });
    })
    .then(() => ((termination ?? stopping.signal.aborted) ? undefined : sandbox?.remove()));

  async function terminate(): Promise<void> {
    const seconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    await Promise.all([...runners.values()].map((runner) => runner.stop(seconds * 1000)));
    await kill();
    writeStatus();
    const current = objects.get<Pod>(pods, place);
    if (current?.metadata.uid === pod.metadata.uid)
      deleteObject(objects, pods, { place, options: { gracePeriodSeconds: 0 } });
  }

  async function kill(): Promise<void> {
    stopping.abort();
    await sandbox?.remove();
    await finished;
    await sandbox?.remove();
    for (const log of [...logs.values()].flat()) log.end();
  }

  return {
    get sandbox() {
      return sandbox;
    },
    runners,
    podIP: options.podIP,
    log(container, which) {
      const kept = logs.get(container) ?? [];
      return which === 'current' ? kept.at(-1) : kept.at(-2);
    },
    update(next) {
      const mayChange = next.metadata.resourceVersion !== pod.metadata.resourceVersion;
      pod = next;
      if (next.metadata.deletionTimestamp !== undefined && mayChange) termination ??= terminate();
    },
    async kill() {
      await kill();
      await termination;
      for (const log of [...logs.values()].flat()) log.remove();
      await rm(options.folder, { recursive: true, force: true });
    },
  };
}

/** What became of a container that ran when this program ended without a word. */
function afterCrash(before: ContainerStatus): ContainerStatus {
  const status = structuredClone(before);
  if (!status.state.running) return status;
  const { startedAt } = status.state.running;
  const terminated = {
    exitCode: 255,
    reason: 'Unknown',
    finishedAt: timestamp(),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
  return { ...status, ready: false, started: false, state: { terminated } };
}

/** Where a pod keeps its files. */
export function podFolder(folder: string, pod: Pod): string {
  return path.join(folder, 'pods', pod.metadata.uid ?? pod.metadata.name);
}
