import { addAbortSignal, PassThrough } from 'node:stream';
import { abortable } from '../../src/core/abort.ts';
import { defer } from '../../src/core/deferred.ts';
import type { KubeClient, WatchEvent } from '../../src/kube/client.ts';
import type { KubeObject, ObjectRef } from '../../src/kube/objects.ts';
import { unusable } from './unusable.ts';

export interface FakeKube {
  readonly kube: KubeClient;
  /** `apply Deployment app`, `delete …`, `log …` in the order in which they were called. */
  readonly calls: readonly string[];
  /** What is in the cluster; tests may change it at any time. */
  readonly objects: KubeObject[];
  /** Logs by `pod/container/run`. */
  readonly logs: Map<string, string>;
  /** Logs that are followed, by `pod/container`, in the order in which they were opened. */
  readonly followed: Map<string, PassThrough[]>;
  /** Tells everyone who watches the kind of the object, and brings `objects` up to date. */
  emit(event: Extract<WatchEvent, { object: KubeObject }>): void;
  /** The connection of all watches breaks, and comes back. */
  interrupt(error: Error): void;
  resume(): void;
}

/** A cluster that is a list of objects: enough for everything that reads, applies and deletes. */
export function fakeKube(objects: KubeObject[] = [], more: Partial<KubeClient> = {}): FakeKube {
  const calls: string[] = [];
  const logs = new Map<string, string>();
  const followed = new Map<string, PassThrough[]>();
  const watchers = new Set<(event: WatchEvent) => void>();
  const isThe = (ref: ObjectRef) => (object: KubeObject) =>
    object.kind === ref.kind && object.metadata.name === ref.name;
  const kube = unusable<KubeClient>('KubeClient', {
    context: 'test-context',
    namespace: 'dev',
    isLocal: true,
    localCluster: () => undefined,
    read: async (ref) => objects.find(isThe(ref)),
    list: async ({ kind, labelSelector = '' }) =>
      objects.filter((object) => object.kind === kind && fits(object, labelSelector)),
    isNamespaced: async ({ kind }) => kind !== 'Namespace',
    async apply(object, { defaultNamespace }) {
      calls.push(`apply ${object.kind} ${object.metadata.name}`);
      const namespace = object.metadata.namespace ?? defaultNamespace;
      const applied = { ...object, metadata: { ...object.metadata, namespace } };
      const index = objects.findIndex(isThe({ ...object, name: object.metadata.name }));
      if (index >= 0) objects[index] = { ...objects[index], ...applied };
      else objects.push(applied);
      return applied;
    },
    async delete(ref) {
      calls.push(`delete ${ref.kind} ${ref.name}`);
      const index = objects.findIndex(isThe(ref));
      if (index >= 0) objects.splice(index, 1);
      return index >= 0;
    },
    async readLog({ pod, container }, { run }) {
      calls.push(`log ${pod}/${container}/${run}`);
      const text = logs.get(`${pod}/${container}/${run}`);
      if (text === undefined) throw new Error('there is no such log');
      return text;
    },
    async *watch({ kind, labelSelector = '' }, { signal }) {
      const isWanted = (object: KubeObject) => object.kind === kind && fits(object, labelSelector);
      const waiting: WatchEvent[] = objects.filter(isWanted).map((object) => ({ type: 'added', object }));
      waiting.push({ type: 'listed' });
      let wake = defer<void>();
      const watcher = (event: WatchEvent) => {
        if ('object' in event && !isWanted(event.object)) return;
        waiting.push(event);
        wake.resolve();
      };
      watchers.add(watcher);
      try {
        for (;;) {
          yield* waiting.splice(0);
          if (waiting.length > 0) continue;
          wake = defer();
          await abortable(wake.promise, signal);
        }
      } finally {
        watchers.delete(watcher);
      }
    },
    async streamLog({ pod, container }, { follow = false, previous = false, signal }) {
      calls.push(`stream log ${pod}/${container}`);
      const text = logs.get(`${pod}/${container}/${previous ? 'previous' : 'current'}`);
      const output = new PassThrough();
      if (text !== undefined) output.write(text);
      if (!follow) return output.end();
      addAbortSignal(signal, output);
      followed.set(`${pod}/${container}`, [...(followed.get(`${pod}/${container}`) ?? []), output]);
      return output;
    },
    ...more,
  });
  const emit: FakeKube['emit'] = (event) => {
    const { object, type } = event;
    const index = objects.findIndex(isThe({ ...object, name: object.metadata.name }));
    if (index >= 0) objects.splice(index, 1);
    if (type !== 'deleted') objects.push(object);
    for (const tell of watchers) tell(event);
  };
  const tellAll = (event: WatchEvent) => {
    for (const tell of watchers) tell(event);
  };
  const interrupt = (error: Error) => tellAll({ type: 'interrupted', error });
  return { kube, calls, objects, logs, followed, emit, interrupt, resume: () => tellAll({ type: 'resumed' }) };
}

function fits({ metadata: { labels = {} } }: KubeObject, selector: string): boolean {
  return selector
    .split(',')
    .filter(Boolean)
    .every((pair) => labels[pair.split('=')[0] ?? ''] === pair.split('=')[1]);
}

/** A pod in the state that its only container `app` has. */
export function podOf(
  name: string,
  state: object,
  more: { labels?: Record<string, string>; created?: string } = {},
): KubeObject {
  const { labels = { app: 'app' }, created = '2026-01-01T00:00:00Z' } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'dev', labels, creationTimestamp: created },
    spec: { containers: [{ name: 'app', image: 'localhost:5000/me/app:1' }] },
    status: {
      phase: 'Running' in state ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'app', ready: 'running' in state, restartCount: 0, state }],
    },
  };
}
