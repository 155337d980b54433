import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isPodReady, type Pod } from '../../../../src/embedded/api/pod-types.ts';
import type { ExecSession, KubeClient } from '../../../../src/kube/client.ts';
import { createKubeClient } from '../../../../src/kube/real-client.ts';
import { startTestCluster, type TestCluster } from '../../../helpers/embedded-cluster.ts';
import { waitFor } from '../../../helpers/wait-for.ts';

const { signal } = new AbortController();
const container = { namespace: 'default', pod: 'p', container: 'c' };
const exec = { subresource: 'exec' };
let bench: TestCluster;
let kube: KubeClient;
let session: ExecSession;
let came: string;

beforeAll(async () => {
  bench = await startTestCluster();
  kube = await createKubeClient({ files: bench.cluster.kubeconfig, inCluster: false });
  bench.pod('p', 'trap "exit 0" TERM; while true; do sleep 0.1; done');
  await bench.until('pods', 'p', isPodReady);
});
afterAll(() => bench.close());

/** An open stream that gives back what it gets. */
beforeEach(async () => {
  came = '';
  session = await kube.exec(container, { command: ['cat'], terminal: 'none', stdin: 'open', signal });
  session.exit.catch(() => {});
  session.stdout.on('error', () => {});
  session.stdout.on('data', (chunk: Buffer) => {
    came += chunk.toString();
  });
  session.stdin?.on('error', () => {});
  session.stdin?.write('one ');
  await waitFor(() => expect(came).toBe('one '));
});
afterEach(() => {
  bench.cluster.faults.clear();
  session.close();
});

test.each([
  ['cut', { kind: 'cut', afterBytes: 0, direction: 'sent' } as const],
  ['truncated', { kind: 'truncate', afterBytes: 0 } as const],
])('an open stream is %s', async (_name, fault) => {
  expect(bench.cluster.faults.strike({ ...fault, ...exec })).toBe(1);
  await expect(session.exit).rejects.toMatchObject({ code: 'KUBE_STREAM' });
});

test('an open stream falls into a black hole, and the others go on', async () => {
  expect(bench.cluster.faults.strike({ kind: 'black-hole', afterBytes: 0, ...exec })).toBe(1);
  session.stdin?.write('two ');
  const other = await kube.exec(container, { command: ['true'], terminal: 'none', stdin: 'none', signal });
  expect(await other.exit).toBe(0);
  expect(came).toBe('one ');
});

test('an open stream gets slow', async () => {
  bench.cluster.faults.strike({ kind: 'slow', ms: 300, ...exec });
  const begin = Date.now();
  session.stdin?.write('two ');
  await waitFor(() => expect(came).toBe('one two '));
  expect(Date.now() - begin).toBeGreaterThanOrEqual(295);
});

test('the server is away for a while; pods run on', async () => {
  bench.cluster.faults.restart(300);
  await expect(session.exit).rejects.toMatchObject({ code: 'KUBE_STREAM' });
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p' };
  await waitFor(async () => expect(await kube.read(ref, signal)).toBeDefined());
  expect(bench.get('pods', 'p')).toMatchObject({ status: { containerStatuses: [{ restartCount: 0 }] } });
});

test('a token expires, and a new one is taken', async () => {
  const { authenticator } = bench.cluster;
  authenticator.addToken('short', { name: 'dev', groups: ['system:masters'] });
  const dev = await createKubeClient({ files: bench.kubeconfig('short'), inCluster: false });
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p' };
  expect(await dev.read(ref, signal)).toBeDefined();
  authenticator.revoke('short');
  await expect(dev.read(ref, signal)).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED' });
});

test('a pod is killed and starts again', async () => {
  bench.cluster.killPod({ namespace: 'default', name: 'p' });
  await session.exit.catch(() => 'broken');
  await bench.until(
    'pods',
    'p',
    (pod: Pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1 && isPodReady(pod),
  );
});
