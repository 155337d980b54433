import { expect, test } from 'vitest';
import { planLoginSecret } from '../../../../src/build/kaniko/plan-login.ts';
import { type KanikoRequest, planKanikoPod, podName } from '../../../../src/build/kaniko/plan-pod.ts';
import type { KanikoBuild } from '../../../../src/config/types.ts';
import { loginKey } from '../../../../src/kube/login-secret.ts';

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly env?: unknown;
  readonly volumeMounts: readonly object[];
}
interface Spec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly [Container];
  readonly volumes: readonly object[];
  readonly [key: string]: unknown;
}

const settings: KanikoBuild = {
  when: 'always',
  cache: false,
  snapshotMode: 'time',
  args: [],
  insecure: false,
  mountLogin: true,
  additionalMounts: [],
};
const request: KanikoRequest = {
  name: 'build-1',
  dockerfile: 'docker/Dockerfile',
  image: 'localhost:5000/me/web',
  tags: ['one'],
  buildArgs: {},
  push: 'push',
};
const plan = (more: Partial<KanikoBuild> = {}, what: Partial<KanikoRequest> = {}) => {
  const pod = planKanikoPod({ ...settings, ...more }, { ...request, ...what });
  const spec = pod['spec'] as Spec;
  const [init] = spec.initContainers;
  const [kaniko] = spec.containers;
  return { pod, spec, init, kaniko };
};

test('the least: one folder that both containers have, and no second start', () => {
  const { pod, spec, init, kaniko } = plan();
  expect(pod.metadata).toEqual({ name: 'build-1', labels: { 'devspace-build': 'true' } });
  expect(spec['restartPolicy']).toBe('Never');
  expect(spec.volumes).toEqual([{ name: 'context', emptyDir: {} }]);
  expect(init?.volumeMounts).toEqual([{ name: 'context', mountPath: '/context' }]);
  expect(kaniko.volumeMounts).toEqual([{ name: 'context', mountPath: '/context' }]);
  expect(kaniko.args).toEqual([
    '--dockerfile=/context/docker/Dockerfile',
    '--context=dir:///context',
    '--destination=localhost:5000/me/web:one',
    '--snapshotMode=time',
  ]);
  expect([kaniko.command, kaniko.env]).toEqual([undefined, undefined]);
});

test('arguments: every tag, stage, build arguments, cache, insecure, own ones last', () => {
  const { kaniko } = plan(
    { cache: true, snapshotMode: 'redo', insecure: true, args: ['--verbosity=debug'] },
    { tags: ['one', 'two'], target: 'dev', buildArgs: { A: 'x y', B: '' } },
  );
  expect(kaniko.args.slice(2)).toEqual([
    '--destination=localhost:5000/me/web:one',
    '--destination=localhost:5000/me/web:two',
    '--snapshotMode=redo',
    '--target=dev',
    '--build-arg=A=x y',
    '--build-arg=B=',
    '--insecure',
    '--skip-tls-verify',
    '--cache=true',
    '--cache-repo=localhost:5000/me/web',
    '--verbosity=debug',
  ]);
  expect(plan({}, { push: 'no push' }).kaniko.args).toContain('--no-push');
});

test('the login is a file of Docker in the place where kaniko looks for it', () => {
  const { spec, kaniko } = plan({}, { login: { secret: 'build-1', key: loginKey } });
  expect(spec.volumes[1]).toEqual({
    name: 'login',
    secret: { secretName: 'build-1', items: [{ key: '.dockerconfigjson', path: 'config.json' }] },
  });
  expect(kaniko.volumeMounts[1]).toEqual({ name: 'login', mountPath: '/kaniko/.docker', readOnly: true });
});

test('what the configuration says about the pod is in the pod', () => {
  const { pod, spec, init, kaniko } = plan({
    image: 'me/kaniko',
    initImage: 'me/init',
    command: ['/run'],
    nodeSelector: { disk: 'fast' },
    tolerations: [{ operator: 'Exists' }],
    serviceAccount: 'builder',
    annotations: { a: 'b' },
    labels: { team: 'x', 'devspace-build': 'no' },
    initEnv: { I: '1' },
    env: { E: '2' },
    envFrom: { S: { secretKeyRef: { name: 's', key: 'k' } } },
    resources: { limits: { cpu: '2' } },
    additionalMounts: [
      { volume: { secret: { secretName: 'certs' } }, mountPath: '/certs', readOnly: true },
      { volume: { configMap: { name: 'map' } }, mountPath: '/map', subPath: 'x', readOnly: false },
    ],
  });
  expect(pod.metadata).toMatchObject({ annotations: { a: 'b' }, labels: { team: 'x', 'devspace-build': 'true' } });
  expect(spec).toMatchObject({
    nodeSelector: { disk: 'fast' },
    tolerations: [{ operator: 'Exists' }],
    serviceAccountName: 'builder',
    volumes: [
      {},
      { name: 'mount-0', secret: { secretName: 'certs' } },
      { name: 'mount-1', configMap: { name: 'map' } },
    ],
  });
  expect(init).toMatchObject({
    image: 'me/init',
    env: [{ name: 'I', value: '1' }],
    resources: { limits: { cpu: '2' } },
  });
  expect(kaniko).toMatchObject({
    image: 'me/kaniko',
    command: ['/run'],
    env: [
      { name: 'E', value: '2' },
      { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ],
    resources: { limits: { cpu: '2' } },
    volumeMounts: [
      {},
      { name: 'mount-0', mountPath: '/certs', readOnly: true },
      { name: 'mount-1', mountPath: '/map', subPath: 'x', readOnly: false },
    ],
  });
});

test('a name of its own for each build', () => {
  expect(podName(settings, 'abcd')).toBe('devspace-build-kaniko-abcd');
  expect(podName({ ...settings, generateName: 'My-Build-' }, 'abcd')).toBe('my-build-abcd');
});

test.each([
  [{ username: 'mia', password: 'pass' }, { auth: Buffer.from('mia:pass').toString('base64') }],
  [{ identitytoken: 'token' }, { auth: Buffer.from(':').toString('base64'), identitytoken: 'token' }],
])('the Secret has the login as Docker writes it: %o', (credentials, entry) => {
  const { data, type } = planLoginSecret('s', { serveraddress: 'localhost:5001', ...credentials }) as unknown as {
    data: Record<string, string>;
    type: string;
  };
  expect(type).toBe('kubernetes.io/dockerconfigjson');
  const config: unknown = JSON.parse(Buffer.from(data[loginKey] ?? '', 'base64').toString());
  expect(config).toEqual({ auths: { 'localhost:5001': entry } });
});
