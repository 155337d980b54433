import path from 'node:path';
import { expect, test } from 'vitest';
import { contextProvider, isLoopback, recognizeLocalCluster } from '../../../src/kube/local-cluster.ts';
import { createKubeClient } from '../../../src/kube/real-client.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

test.each([
  ['docker-desktop', undefined, { kind: 'shared', name: 'docker-desktop' }],
  ['docker-for-desktop', undefined, { kind: 'shared', name: 'docker-for-desktop' }],
  ['orbstack', undefined, { kind: 'shared', name: 'orbstack' }],
  ['minikube', undefined, { kind: 'minikube', name: 'minikube' }],
  ['team', 'minikube.sigs.k8s.io', { kind: 'minikube', name: 'team' }],
  ['kind-kind', undefined, { kind: 'kind', name: 'kind' }],
  ['k3d-dev-1', undefined, { kind: 'k3d', name: 'dev-1' }],
  ['kind-', undefined, undefined],
  ['production', undefined, undefined],
  ['my-kind-cluster', 'somebody', undefined],
])('the context %s with the provider %s', (context, provider, expected) => {
  expect(recognizeLocalCluster(context, provider)).toEqual(expected);
});

test.each([
  ['https://127.0.0.1:6443', true],
  ['https://localhost', true],
  ['https://[::1]:6443', true],
  ['https://k8s.localhost:8443', true],
  ['https://127.0.0.1.example.com', false],
  ['https://10.0.0.1', false],
  ['https://localhost.example.com', false],
  ['not an address', false],
])('the server %s is one of this machine: %s', (server, expected) => {
  expect(isLoopback(server)).toBe(expected);
});

const config = (name: string, extensions: string): string => `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- { name: c, cluster: { server: "https://127.0.0.1:1" } }
users: []
contexts:
- name: ${name}
  context:
    cluster: c
    user: u
${extensions}`;

test('a minikube with a profile is known by what it writes beside its context, in whichever file that is', async () => {
  const folder = tempFolder();
  writeFiles(folder, {
    other: config('other', ''),
    team: config(
      'team',
      '    extensions:\n    - name: context_info\n      extension: { provider: minikube.sigs.k8s.io }\n',
    ),
  });
  const files = ['other', 'missing', 'team'].map((name) => path.join(folder, name)).join(path.delimiter);
  expect(contextProvider('team', files)).toBe('minikube.sigs.k8s.io');
  expect(contextProvider('other', files)).toBeUndefined();
  expect(contextProvider('team', undefined)).toBeUndefined();
  const client = await createKubeClient({ files, context: 'team', inCluster: false });
  expect(client.localCluster()).toEqual({ kind: 'minikube', name: 'team' });
  expect((await createKubeClient({ files, inCluster: false })).localCluster()).toBeUndefined();
});
