import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ContainerRef } from '../../src/kube/objects.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { freePort, idleManifestText } from './support/project.ts';

const namespace = useNamespace();
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');

async function service(): Promise<number> {
  const server = createServer((_request, response) => response.end('from this machine'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function container(): Promise<ContainerRef> {
  const pods = (await namespace.pods('app=app')).filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running',
  );
  const [pod] = pods;
  if (!pod) throw new Error('no pod');
  return { namespace: namespace.name, pod: pod.metadata.name, container: 'app' };
}

test('a program in the container reaches one of this machine, after its pod was replaced too (R03)', async () => {
  const [local, remote] = [await service(), await freePort()];
  const folder = tempFolder();
  writeFiles(folder, {
    'app.yaml': idleManifestText('node:20'),
    'devspace.yaml': `version: v1beta9
deployments:
- { name: app, kubectl: { manifests: [app.yaml] } }
dev:
  ports:
  - labelSelector: { app: app }
    reverseForward: [{ port: ${local}, remotePort: ${remote} }]
`,
  });
  const child = spawn(process.execPath, [program, 'dev', '-n', namespace.name], { cwd: folder });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const ask = `fetch('http://127.0.0.1:${remote}').then(r => r.text()).then(console.log)`;
  const reached = async () =>
    expect(await namespace.exec(await container(), 'node', '-e', ask)).toBe('from this machine\n');
  await waitFor(reached, 120);
  expect(told).toContain(`Forwarding port ${remote} of the container to port ${local} of this machine`);
  expect(told).not.toContain('no effect');

  const first = await container();
  await namespace.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: first.pod, namespace: first.namespace }, signal);
  await waitFor(async () => expect((await container()).pod).not.toBe(first.pod), 60);
  await waitFor(reached, 60);

  child.kill('SIGINT');
  expect((await ended)[0]).toBe(130);
  const last = await container();
  await waitFor(async () => expect(await namespace.processes(last)).toEqual(['sleep 9999999']), 30);
});
