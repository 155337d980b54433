import { expect, test } from 'vitest';
import { ensurePullSecrets, type RegistryLogin } from '../../../src/deploy/pull-secrets.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { fakeKube } from '../../helpers/fake-kube.ts';
import { recordingLog } from '../../helpers/recording-log.ts';

const account = (name: string, secrets: string[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'dev' },
  imagePullSecrets: secrets.map((secret) => ({ name: secret })),
});

const login = (registry: string, more: Partial<RegistryLogin> = {}): RegistryLogin => ({
  registry,
  username: 'mia',
  password: 'geheim',
  email: 'm@x.org',
  secret: 'devspace-pull-secrets',
  serviceAccounts: ['default'],
  ...more,
});

function bench(...objects: KubeObject[]) {
  const fake = fakeKube(objects);
  const log = recordingLog();
  const run = { kube: fake.kube, log, signal: new AbortController().signal };
  const auths = (name: string) => {
    const secret = fake.objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name);
    const data = (secret?.['data'] ?? {}) as Record<string, string>;
    return JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString()).auths;
  };
  const secretsOf = (name: string) =>
    fake.objects.find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === name)?.[
      'imagePullSecrets'
    ];
  return { fake, log, auths, secretsOf, ensure: (logins: RegistryLogin[]) => ensurePullSecrets('dev', logins, run) };
}

test('one Secret for all registries, for the service account beside what it had; nothing the second time', async () => {
  const { fake, log, auths, secretsOf, ensure } = bench(account('default', ['other']));
  const logins = [login('a.example.com'), login('b.example.com:5000')];
  await ensure(logins);
  const auth = Buffer.from('mia:geheim').toString('base64');
  const expected = { username: 'mia', password: 'geheim', email: 'm@x.org', auth };
  expect(auths('devspace-pull-secrets')).toEqual({ 'a.example.com': expected, 'b.example.com:5000': expected });
  expect(secretsOf('default')).toEqual([{ name: 'other' }, { name: 'devspace-pull-secrets' }]);
  expect(log.lines).toEqual([
    'info Created pull secret devspace-pull-secrets for a.example.com, b.example.com:5000 in namespace dev',
  ]);
  const calls = [...fake.calls];
  await ensure(logins);
  expect(fake.calls).toEqual(calls);
});

test('logins of another project in the same Secret stay; a changed password is written', async () => {
  const { auths, log, ensure } = bench(account('default'));
  await ensure([login('a.example.com')]);
  await ensure([login('b.example.com')]);
  await ensure([login('a.example.com', { password: 'neu' })]);
  expect(Object.keys(auths('devspace-pull-secrets'))).toEqual(['a.example.com', 'b.example.com']);
  expect(auths('devspace-pull-secrets')['a.example.com'].password).toBe('neu');
  expect(log.lines.join('\n')).not.toContain('neu');
});

test('Secrets and service accounts of the configuration; an account that is not there costs a warning', async () => {
  const { auths, secretsOf, log, ensure } = bench(account('default'), account('builder'));
  await ensure([login('a.example.com', { secret: 'mine', serviceAccounts: ['builder', 'nobody'] })]);
  expect(Object.keys(auths('mine'))).toEqual(['a.example.com']);
  expect(secretsOf('builder')).toEqual([{ name: 'mine' }]);
  expect(secretsOf('default')).toEqual([]);
  expect(log.lines).toContain('warn There is no service account nobody in namespace dev to get mine');
});
