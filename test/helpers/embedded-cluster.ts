import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import type { JsonObject, KubeObject } from '../../src/embedded/api/objects.ts';
import type { Pod } from '../../src/embedded/api/pod-types.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../src/embedded/cluster.ts';
import { waitFor } from './wait-for.ts';

export interface TestCluster {
  readonly cluster: EmbeddedCluster;
  readonly stateDir: string;
  create(plural: string, object: KubeObject): KubeObject;
  get<T extends KubeObject = KubeObject>(plural: string, name: string): T | undefined;
  /** Runs a pod of one busybox container; the script is its command. */
  pod(name: string, script: string, more?: JsonObject, container?: JsonObject): void;
  /** Waits until the object is as wanted and returns it. */
  until<T extends KubeObject = Pod>(plural: string, name: string, test: (object: T) => boolean): Promise<T>;
  /** A further kubeconfig file with another token; see `cluster.authenticator.addToken`. */
  kubeconfig(token: string): string;
  /** The body of a GET, as text. */
  text(path: string): Promise<{ code: number; text: string }>;
  /** Ends the cluster as it is and starts it again on the same folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestCluster(): Promise<TestCluster> {
  const stateDir = mkdtempSync(path.join(os.tmpdir(), 'embedded-'));
  const stop = new AbortController();
  const errors: string[] = [];
  const start = () =>
    startEmbeddedCluster({ stateDir, signal: stop.signal, onError: (message) => errors.push(message) });
  let cluster = await start();
  const resource = (plural: string) => cluster.objects.resources.builtIn(plural);
  const get = <T extends KubeObject>(plural: string, name: string) =>
    cluster.objects.get<T>(resource(plural), { namespace: 'default', name });
  const create = (plural: string, object: KubeObject) => {
    const metadata = { namespace: 'default', ...object.metadata };
    return cluster.objects.create(resource(plural), { ...object, metadata }, { manager: 'test' });
  };
  return {
    get cluster() {
      return cluster;
    },
    stateDir,
    create,
    get,
    pod(name, script, more = {}, container = {}) {
      const spec = {
        terminationGracePeriodSeconds: 0,
        ...more,
        containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', script], ...container }],
      };
      create('pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: spec });
    },
    until<T extends KubeObject>(plural: string, name: string, test: (object: T) => boolean) {
      return waitFor(() => {
        const object = get<T>(plural, name);
        if (object && test(object)) return object;
        throw new Error(`${plural} ${name} is not as wanted: ${JSON.stringify(object?.['status'])}`);
      });
    },
    kubeconfig(token) {
      const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { user: { token: string } }[] };
      for (const { user } of config.users) user.token = token;
      const file = path.join(stateDir, `kubeconfig-${token}`);
      writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
      return file;
    },
    text: (url) =>
      new Promise((resolve, reject) => {
        const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { user: { token: string } }[] };
        const headers = { authorization: `Bearer ${config.users[0]?.user.token ?? ''}` };
        const request = https.get(
          `${cluster.server}${url}`,
          { ca: cluster.authority.certificate, agent: false, headers },
          (response) => {
            let text = '';
            response.on('data', (chunk: Buffer) => {
              text += chunk.toString();
            });
            response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
            response.on('error', reject);
          },
        );
        request.on('error', reject);
      }),
    async restart() {
      await cluster.close();
      cluster = await start();
    },
    async close() {
      await cluster.close();
      rmSync(stateDir, { recursive: true, force: true });
      expect(errors).toEqual([]);
    },
  };
}

/** The state of the pod's first container. */
export function stateOf(pod: Pod) {
  return pod.status?.containerStatuses?.[0]?.state ?? {};
}
