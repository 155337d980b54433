import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { ContainerRef, Pod } from '../../../src/kube/objects.ts';
import { createKubeClient } from '../../../src/kube/real-client.ts';

export const signal = new AbortController().signal;

export interface TestNamespace {
  readonly name: string;
  readonly kube: KubeClient;
  pods(labelSelector: string): Promise<Pod[]>;
  /** Runs a command in the container; its stdout. */
  exec(container: ContainerRef, ...command: string[]): Promise<string>;
  /** The command lines of all processes in the container but the asking one. */
  processes(container: ContainerRef): Promise<string[]>;
}

/** A namespace of its own for the tests of a file, deleted at the end. */
export function useNamespace(): TestNamespace {
  const name = `devspace-test-${randomBytes(4).toString('hex')}`;
  let client: KubeClient | undefined;
  const kube = (): KubeClient => {
    if (!client) throw new Error('the cluster client is made before the tests');
    return client;
  };
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  const exec = async (container: ContainerRef, ...command: string[]) => {
    const session = await kube().exec(container, { command, terminal: 'none', stdin: 'none', signal });
    session.stderr?.resume();
    const [output] = await Promise.all([text(session.stdout), session.exit]);
    return output;
  };
  beforeAll(async () => {
    client = await createKubeClient({ files: process.env['KUBECONFIG'], namespace: name, inCluster: false });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await client.apply(namespace, { defaultNamespace: name, conflicts: 'fail', signal });
  });
  afterAll(async () => {
    await kube().delete(ref, signal);
  });
  return {
    name,
    get kube() {
      return kube();
    },
    pods: async (labelSelector) =>
      (await kube().list({ apiVersion: 'v1', kind: 'Pod', namespace: name, labelSelector }, signal)) as Pod[],
    exec,
    async processes(container) {
      const script =
        'for p in /proc/[0-9]*; do [ "$p" = /proc/$$ ] || tr "\\0" " " <$p/cmdline; echo; done 2>/dev/null';
      const lines = (await exec(container, 'sh', '-c', script)).split('\n').map((line) => line.trim());
      return lines.filter((line) => line !== '' && !line.startsWith('tr '));
    },
  };
}
