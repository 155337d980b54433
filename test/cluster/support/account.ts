import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseYamlDocuments } from '../../../src/config/yaml-documents.ts';
import { waitFor } from '../../helpers/wait-for.ts';
import { signal, type TestNamespace } from './namespace.ts';

interface Kubeconfig {
  readonly clusters: readonly unknown[];
}

/** A kubeconfig whose user is a new service account without any right. */
export async function kubeconfigOfAccount(namespace: TestNamespace, name: string): Promise<string> {
  const { kube } = namespace;
  const apply = (object: Parameters<typeof kube.apply>[0]) =>
    kube.apply(object, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
  await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-login`, annotations: { 'kubernetes.io/service-account.name': name } },
    type: 'kubernetes.io/service-account-token',
  };
  await apply(secret);
  const ref = { apiVersion: 'v1', kind: 'Secret', name: `${name}-login`, namespace: namespace.name };
  const token = await waitFor(async () => {
    const { token: encoded } = ((await kube.read(ref, signal))?.['data'] ?? {}) as { token?: string };
    if (!encoded) throw new Error('the token is not there yet');
    return Buffer.from(encoded, 'base64').toString();
  });
  const [admin] = parseYamlDocuments(readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8')) as Kubeconfig[];
  const [cluster] = (admin?.clusters ?? []) as { name: string; cluster: unknown }[];
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'devspace-account-')), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [cluster],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: cluster?.name, user: name } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** The token in a kubeconfig that `kubeconfigOfAccount` made. */
export function tokenOf(kubeconfig: string): string {
  const { users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as { users: [{ user: { token: string } }] };
  return users[0].user.token;
}
