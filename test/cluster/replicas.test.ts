import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nullLog } from '../../src/core/log.ts';
import type { ContainerRef } from '../../src/kube/objects.ts';
import { createTarget } from '../../src/kube/target.ts';
import { createLink } from '../../src/link/create-link.ts';
import { startSync } from '../../src/sync/start-sync.ts';
import { syncConfigOf } from '../helpers/sync-config.ts';
import { syncRunOf } from '../helpers/sync-run.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { signal, useNamespace } from './support/namespace.ts';

const namespace = useNamespace();
const query = { namespace: namespace.name, labelSelector: { app: 'replicated' } };

async function startPod(name: string): Promise<ContainerRef> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: query.labelSelector },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', command: ['sleep', '99999'] }],
    },
  };
  await waitFor(() => namespace.kube.apply(pod, { defaultNamespace: namespace.name, conflicts: 'fail', signal }));
  const wanted = { ...query, podName: name };
  return createTarget(wanted, { kube: namespace.kube, log: nullLog, timeoutMs: 60_000 }).current(signal);
}

function replicate(more: Parameters<typeof syncConfigOf>[2] = {}) {
  const local = mkdtempSync(path.join(tmpdir(), 'devspace-replicas-'));
  const stateFolder = mkdtempSync(path.join(tmpdir(), 'devspace-replicas-state-'));
  const root = `/tmp/${path.basename(local)}`;
  const target = createLink(query, { kube: namespace.kube, log: nullLog, timeoutMs: 60_000, signal });
  const config = syncConfigOf(local, root, { allReplicas: true, ...more });
  const run = syncRunOf({ kube: namespace.kube, log: nullLog, signal, stateFolder });
  const start = () => startSync([{ target, config }], run);
  const sh = (pod: ContainerRef, script: string) => namespace.exec(pod, 'sh', '-c', `cd ${root} && ${script}`);
  const write = (name: string, content: string) => {
    mkdirSync(path.dirname(path.join(local, name)), { recursive: true });
    writeFileSync(path.join(local, name), content);
  };
  return { local, stateFolder, start, sh, write, target };
}

test('all replicas get what changes here; changes come from one of them only', async () => {
  const pods = [await startPod('one'), await startPod('two')];
  const { local, stateFolder, start, sh, write, target } = replicate();
  write('src/main.js', '1');
  const sync = start();
  onTestFinished(() => sync.close());
  await sync.ready;
  const { pod: first } = await target.current(signal);
  const [main, other] = pods[0]?.pod === first ? pods : pods.toReversed();
  if (!main || !other) throw new Error('there are two pods');
  await waitFor(async () => expect(await sh(other, 'cat src/main.js')).toBe('1'));
  write('src/main.js', 'edited');
  await waitFor(async () => expect(await sh(other, 'cat src/main.js')).toBe('edited'));

  await sh(main, 'echo -n from-main >made');
  await waitFor(() => expect(readFileSync(path.join(local, 'made'), 'utf8')).toBe('from-main'));
  await waitFor(async () => expect(await sh(other, 'cat made')).toBe('from-main'));
  await sh(other, 'echo -n own >own');
  write('last', 'x');
  await waitFor(async () => expect(await sh(other, 'cat last')).toBe('x'));
  expect(readdirSync(local).sort()).toEqual(['last', 'made', 'src']);

  const statesOfTwo = readdirSync(stateFolder).filter((name) => name.endsWith('.json'));
  await namespace.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: other.pod, namespace: namespace.name }, signal);
  const third = await startPod('three');
  await waitFor(async () => expect(await sh(third, 'cat src/main.js made last')).toBe('editedfrom-mainx'));
  await waitFor(() => {
    const states = readdirSync(stateFolder).filter((name) => name.endsWith('.json'));
    expect(states).toHaveLength(2);
    expect(states).not.toEqual(statesOfTwo);
  });
  await sync.close();
  await sync.done;
  for (const pod of [main, third]) expect(await namespace.processes(pod)).toEqual(['sleep 99999']);
});

test('an entry that is not watched ends when each replica has the files', async () => {
  const pods = [await startPod('four'), await startPod('five')];
  const { start, sh, write } = replicate({ noWatch: true });
  write('a', '1');
  const sync = start();
  onTestFinished(() => sync.close());
  await sync.done;
  for (const pod of pods) expect(await sh(pod, 'cat a')).toBe('1');
});
