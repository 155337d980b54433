import { rmSync } from 'node:fs';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import type { Handle } from '../../core/lifetime.ts';
import type { Authenticator } from '../api/auth.ts';
import { asText, at, timestamp } from '../api/objects.ts';
import type { PodRuntime } from '../api/pod-runtime.ts';
import type { Pod } from '../api/pod-types.ts';
import { badRequest, StatusError } from '../api/status.ts';
import { type Objects, placeOf } from '../api/write.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { ProcessStreams, SandboxHost } from '../sandbox/sandbox.ts';
import type { ContainerRunner } from './container-runner.ts';

import { createRecorder } from './event-recorder.ts';
import { type PodWorker, podFolder, startPodWorker } from './pod-worker.ts';
import { startServiceRoutes } from './service-routes.ts';
import { prepareVolumes } from './volumes.ts';
import { nodeName, whyUnschedulable } from './why-unschedulable.ts';

export interface KubeletOptions {
  readonly objects: Objects;
  readonly images: ImageStore;
  readonly host: SandboxHost;
  readonly authenticator: Authenticator;
  readonly folder: string;
  /** Where the API server listens on this machine. */
  readonly apiPort: () => number;
}

export interface Kubelet extends Handle {
  readonly runtime: PodRuntime;
  /** Kills the containers of a pod as a lack of memory would; the restart policy decides what follows. */
  killPod(place: { readonly namespace: string; readonly name: string }): void;
}

/** Schedules every pod on the one node and runs it. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { objects, folder } = options;
  const pods = objects.resources.builtIn('pods');
  const workers = new Map<string, PodWorker>();
  const leaving = new Set<Promise<void>>();
  const recorder = createRecorder(objects, 'kubelet');
  const scheduler = createRecorder(objects, 'default-scheduler');
  const contextOf = (pod: Pod) => {
    const own = podFolder(folder, pod);
    const volumes = {
      objects,
      authenticator: options.authenticator,
      folder: path.join(own, 'volumes'),
      persistentFolder: path.join(folder, 'volumes'),
    };
    return { objects, images: options.images, recorder, host: options.host, folder: own, volumes };
  };
  rmSync(path.join(folder, 'pods'), { recursive: true, force: true });

  const take = (pod: Pod): void => {
    const uid = pod.metadata.uid ?? '';
    const worker = workers.get(uid);
    if (worker) return worker.update(pod);
    const phase = pod.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') return;
    if (!pod.spec.nodeName) return schedule(pod);
    const podIP = pod.status?.podIP ?? nextAddress(workers);
    const fresh = startPodWorker({ ...contextOf(pod), pod, podIP });
    workers.set(uid, fresh);
    if (pod.metadata.deletionTimestamp !== undefined)
      fresh.update({ ...pod, metadata: { ...pod.metadata, resourceVersion: '' } });
  };

  function schedule(pod: Pod): void {
    const place = placeOf(pod);
    const obstacle = whyUnschedulable(objects, pod);
    if (obstacle !== undefined) {
      const message = `0/1 nodes are available: ${obstacle}.`;
      if (pod.status?.conditions?.some((condition) => condition.message === message)) return;
      const lastTransitionTime = timestamp();
      scheduler.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
      objects.edit<Pod>(pods, place, {
        manager: 'kube-scheduler',
        subresource: 'status',
        change: (draft) => {
          draft.status = {
            ...draft.status,
            phase: 'Pending',
            conditions: [
              { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime },
            ],
          };
        },
      });
      return;
    }
    objects.edit<Pod>(pods, place, {
      manager: 'kube-scheduler',
      change: (draft) => {
        draft.spec.nodeName = nodeName;
      },
    });
    scheduler.record(pod, {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${place.namespace}/${place.name} to ${nodeName}`,
    });
  }

  const drop = (pod: Pod): void => {
    const uid = pod.metadata.uid ?? '';
    const worker = workers.get(uid);
    if (!worker) return;
    workers.delete(uid);
    const gone = worker.kill().finally(() => leaving.delete(gone));
    leaving.add(gone);
    gone.catch(() => {});
  };

  const stops = [
    objects.watch(pods, ({ type, object }) => {
      // A turn later, because the writer that caused this may still be at work.
      setImmediate(() => {
        if (isClosed) return;
        const now = objects.get<Pod>(pods, placeOf(object));
        if (type === 'DELETED') drop(object as Pod);
        else if (now && now.metadata.uid === object.metadata.uid) take(now);
      });
    }),
    ...['configmaps', 'secrets'].map((plural) =>
      objects.watch(objects.resources.builtIn(plural), ({ type, object }) => {
        if (type !== 'MODIFIED') return;
        for (const pod of objects.list<Pod>(pods, object.metadata.namespace)) {
          if (
            workers.has(pod.metadata.uid ?? '') &&
            JSON.stringify(pod.spec.volumes ?? []).includes(JSON.stringify(object.metadata.name))
          ) {
            prepareVolumes(contextOf(pod).volumes, pod).catch(() => {});
          }
        }
      }),
    ),
    ...['nodes', 'persistentvolumeclaims'].map((plural) =>
      objects.watch(objects.resources.builtIn(plural), () => {
        for (const pod of objects.list<Pod>(pods)) if (!pod.spec.nodeName) setImmediate(take, pod);
      }),
    ),
  ];
  let isClosed = false;
  const routes = startServiceRoutes({ objects, workers, apiPort: options.apiPort });
  for (const pod of objects.list<Pod>(pods)) take(pod);

  const close = async (): Promise<void> => {
    isClosed = true;
    for (const stop of stops) stop();
    await routes.close();
    await Promise.all([...workers.values()].map((worker) => worker.kill()));
    await Promise.allSettled([...leaving]);
  };
  let closing: Promise<void> | undefined;
  return {
    ready: Promise.resolve(),
    done: new Promise(() => {}),
    close: () => (closing ??= close()),
    runtime: createRuntime((pod) => workers.get(pod.metadata.uid ?? '')),
    killPod(place) {
      const worker = workers.get(objects.get(pods, place)?.metadata.uid ?? '');
      for (const runner of worker?.runners.values() ?? []) runner.process?.kill('SIGKILL');
    },
  };
}

/** Addresses that only pods of this cluster know. */
function nextAddress(workers: ReadonlyMap<string, PodWorker>): string {
  const used = new Set([...workers.values()].map(({ podIP }) => podIP));
  for (let number = 2; ; number += 1) {
    const address = `10.244.${number >> 8}.${number & 255}`;
    if (!used.has(address) && (number & 255) !== 0 && (number & 255) !== 255) return address;
  }
}

function createRuntime(find: (pod: Pod) => PodWorker | undefined): PodRuntime {
  const running = (pod: Pod, container: string): ContainerRunner => {
    const runner = find(pod)?.runners.get(container);
    if (!runner?.process)
      throw new StatusError(
        500,
        'InternalError',
        `unable to upgrade connection: container not found (${JSON.stringify(container)})`,
      );
    return runner;
  };
  return {
    assertRunning(pod, container) {
      if (container !== undefined) running(pod, container);
      else if (!find(pod)?.sandbox || pod.status?.phase !== 'Running') {
        throw new StatusError(
          500,
          'InternalError',
          `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`,
        );
      }
    },
    log: (pod, container, options) => readLog(find(pod), { pod, container, options }),
    async exec(pod, container, options) {
      const { process } = running(pod, container);
      if (!process) throw badRequest(`container ${container} is not running`);
      return process.exec({
        command: options.command,
        tty: options.tty,
        stdin: options.stdin ? 'open' : 'none',
        signal: new AbortController().signal,
      });
    },
    attach: (pod, container) => attachTo(running(pod, container), specOf(pod, container)?.stdinOnce === true),
    async connect(pod, port, signal) {
      const sandbox = find(pod)?.sandbox;
      if (!sandbox) throw new Error('pod is not running');
      return sandbox.connect(port, signal);
    },
  };
}

function readLog(
  worker: PodWorker | undefined,
  { pod, container, options }: { pod: Pod; container: string; options: Parameters<PodRuntime['log']>[2] },
): Readable {
  const { name, namespace } = pod.metadata;
  const log = worker?.log(container, options.previous ? 'previous' : 'current');
  if (log) return log.read(options);
  if (options.previous)
    throw badRequest(
      `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`,
    );
  const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const reason = asText(
    at(
      all.find((status) => status.name === container),
      'state',
      'waiting',
      'reason',
    ),
  );
  if (reason === '') throw badRequest(`unable to retrieve container logs for ${namespace}/${name}`);
  const text: Readonly<Record<string, string>> = {
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
  };
  throw badRequest(
    `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is waiting to start: ${text[reason] ?? reason}`,
  );
}

const specOf = ({ spec }: Pod, name: string) => spec.containers.find((container) => container.name === name);

/** The running process's own streams, for one more listener; its input ends with that of the first one if `stdinOnce`. */
function attachTo(runner: ContainerRunner, stdinOnce: boolean): ProcessStreams {
  const { process } = runner;
  if (!process) throw badRequest('container is not running');
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const stop = runner.listen((name, data) => {
    const stream = streams[name];
    if (stream.destroyed || stream.write(data)) return Promise.resolve();
    return new Promise((resolve) => {
      stream.once('drain', resolve);
      stream.once('close', resolve);
    });
  });
  const end = () => {
    stop();
    streams.stdout.end();
    streams.stderr.end();
  };
  process.exited.then(() => setImmediate(end), end);
  return {
    ...streams,
    stdin: process.stdin,
    keepsStdin: !stdinOnce,
    exited: process.exited,
    resize: (size) => process.resize(size),
    kill: () => {},
  };
}
