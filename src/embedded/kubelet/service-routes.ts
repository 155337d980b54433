import { once } from 'node:events';
import { connect } from 'node:net';
import { asList, asObject, asText, type KubeObject } from '../api/objects.ts';
import { isPodReady, type Pod } from '../api/pod-types.ts';
import { matchesSelector } from '../api/selectors.ts';
import type { Objects } from '../api/write.ts';
import type { ServiceRoute } from '../sandbox/sandbox.ts';
import type { PodWorker } from './pod-worker.ts';

export interface RouteOptions {
  readonly objects: Objects;
  readonly workers: ReadonlyMap<string, PodWorker>;
  readonly apiPort: () => number;
}

/** Keeps telling all pods by which names and ports they reach services; follows every change. */
export function startServiceRoutes(options: RouteOptions): { close(): Promise<void> } {
  const { objects, workers } = options;
  const services = objects.resources.builtIn('services');
  const pods = objects.resources.builtIn('pods');
  const told = new Map<PodWorker, string>();
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<unknown> = Promise.resolve();

  const tell = (): void => {
    timer = undefined;
    const all = objects.list(services);
    for (const worker of told.keys()) if (![...workers.values()].includes(worker)) told.delete(worker);
    for (const pod of objects.list<Pod>(pods)) {
      const worker = workers.get(pod.metadata.uid ?? '');
      if (!worker?.sandbox) continue;
      const routes = routesFor(options, pod.metadata.namespace ?? '', all);
      const text = JSON.stringify(routes.map(({ hostnames, ip, ports }) => [hostnames, ip, ports]));
      if (told.get(worker) === text) continue;
      told.set(worker, text);
      const { sandbox } = worker;
      work = work.then(() => sandbox.setServices(routes)).catch(() => told.delete(worker));
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(tell, 20);
  };
  const stops = [objects.watch(services, soon), objects.watch(pods, soon)];
  soon();
  return {
    async close() {
      clearTimeout(timer);
      for (const stop of stops) stop();
      await work;
    },
  };
}

function routesFor(options: RouteOptions, namespace: string, services: readonly KubeObject[]): ServiceRoute[] {
  return services.flatMap((service) => {
    const spec = asObject(service['spec']);
    const ip = asText(spec['clusterIP']);
    const ports = asList(spec['ports']).map((port) => Number(asObject(port)['port']));
    const names = namesOf(service, namespace);
    if (service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default') {
      return [{ hostnames: names, ip, ports, connect: (_port, signal) => connectLocal(options.apiPort(), signal) }];
    }
    if (ip === 'None') return headless(options, service, names);
    if (ip === '') return [];
    return [{ hostnames: names, ip, ports, connect: (port, signal) => connectTo(options, service, { port, signal }) }];
  });
}

function namesOf({ metadata }: KubeObject, from: string): string[] {
  const { name, namespace = '' } = metadata;
  const full = [`${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
  return namespace === from ? [name, ...full] : full;
}

async function connectLocal(port: number, signal: AbortSignal) {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, signal });
  await once(socket, 'connect');
  return socket;
}

/** Pods behind the service that can be reached now. */
function backends({ objects, workers }: RouteOptions, service: KubeObject): { pod: Pod; worker: PodWorker }[] {
  const selector = asObject(service['spec'])['selector'];
  const pods = objects.list<Pod>(objects.resources.builtIn('pods'), service.metadata.namespace);
  return pods.flatMap((pod) => {
    const worker = workers.get(pod.metadata.uid ?? '');
    const matches = selector !== undefined && matchesSelector({ matchLabels: selector }, pod.metadata.labels);
    return matches && worker?.sandbox && isPodReady(pod) ? [{ pod, worker }] : [];
  });
}

async function connectTo(
  options: RouteOptions,
  service: KubeObject,
  { port, signal }: { port: number; signal: AbortSignal },
) {
  const candidates = backends(options, service);
  const chosen = candidates[Math.floor(Math.random() * candidates.length)];
  if (!chosen?.worker.sandbox) throw new Error(`no endpoints for service ${service.metadata.name}`);
  return chosen.worker.sandbox.connect(targetPort(service, chosen.pod, port), signal);
}

/** The port of the container that a port of the service means, by number or by name. */
export function targetPort(service: KubeObject, pod: Pod, port: number): number {
  const found = asList(asObject(service['spec'])['ports'])
    .map(asObject)
    .find((item) => item['port'] === port);
  const target = found?.['targetPort'] ?? port;
  if (typeof target === 'number') return target;
  const named = pod.spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === target);
  return named?.containerPort ?? port;
}

/** A headless service leads to the pods themselves: one route for each, under its own name too. */
function headless(options: RouteOptions, service: KubeObject, names: readonly string[]): ServiceRoute[] {
  return backends(options, service).map(({ pod, worker }, index) => {
    const ports = [
      ...new Set([
        ...pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort)),
        ...asList(asObject(service['spec'])['ports']).map((port) => Number(asObject(port)['port'])),
      ]),
    ];
    const own = names.map((name) => `${pod.spec.hostname ?? pod.metadata.name}.${name}`);
    return {
      hostnames: index === 0 ? [...names, ...own] : own,
      ip: worker.podIP,
      ports,
      connect: async (port, signal) => {
        if (!worker.sandbox) throw new Error('pod is not running');
        return worker.sandbox.connect(port, signal);
      },
    };
  });
}
