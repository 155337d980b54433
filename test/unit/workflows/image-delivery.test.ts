import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { BuildChoice } from '../../../src/build/build-run.ts';
import type { ImageConfig } from '../../../src/config/types.ts';
import { UserError } from '../../../src/core/errors.ts';
import type { EngineAddress } from '../../../src/docker/client.ts';
import type { LocalCluster } from '../../../src/kube/local-cluster.ts';
import type { Hooks } from '../../../src/workflows/hooks/hooks.ts';
import { buildAndPush } from '../../../src/workflows/images.ts';
import { createBench } from '../../helpers/bench.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { fakeDocker } from '../../helpers/fake-docker.ts';
import { imageConfigOf } from '../../helpers/image-config.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const hooks: Hooks = { fire: async () => {}, around: (_moment, work) => work(), command: (_name, work) => work() };
const whenNeeded: BuildChoice = { push: 'where needed', rebuild: 'when needed' };

interface Setting {
  readonly local?: LocalCluster;
  /** Programs on this machine, as scripts for the shell; each notes its arguments first. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Images for a cluster of this machine, with its own programs and, for minikube, an engine of its own. */
async function bench({ local, programs = {}, env = {} }: Setting) {
  const { tools, log } = await createBench({ kube: { localCluster: () => local } });
  const folder = tempFolder();
  const bin = path.join(folder, 'bin');
  writeFiles(folder, { 'web/Dockerfile': 'FROM scratch\n', 'bin/.keep': '' });
  for (const [name, script] of Object.entries(programs)) {
    writeFiles(bin, { [name]: `#!/bin/sh\necho "$@" >> ${folder}/${name}.calls\n${script}\n` });
    chmodSync(path.join(bin, name), 0o755);
  }
  const [own, inside] = [fakeDocker(), fakeDocker()];
  const addresses: EngineAddress[] = [];
  const run = {
    ...tools,
    hooks,
    env: { ...tools.env, ...env, PATH: `${bin}:/usr/bin:/bin` },
    signal: new AbortController().signal,
    async docker(address?: EngineAddress) {
      if (address) addresses.push(address);
      return address ? inside.docker : own.docker;
    },
  };
  const image = imageConfigOf(path.join(folder, 'web'), { tags: ['v1'] });
  const build = (images: Partial<ImageConfig>[] = [{}], choice = whenNeeded) =>
    buildAndPush({ images: images.map((more) => ({ ...image, ...more })), kubeChoice: {} }, choice, run);
  const calls = (program: string) => {
    const file = path.join(folder, `${program}.calls`);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const infos = () => log.lines.filter((line) => line.includes('Images are'));
  return { build, calls, infos, own, inside, addresses, log, run };
}

test('the cluster of Docker Desktop has what its engine has: nothing is pushed, and one line says so', async () => {
  const { build, own, infos } = await bench({ local: { kind: 'shared', name: 'docker-desktop' } });
  await build([{}, { name: 'api', image: 'me/api' }]);
  expect([own.builds, own.pushes].map(({ length }) => length)).toEqual([2, 0]);
  expect(infos()).toEqual([
    'info Images are not pushed: the cluster docker-desktop runs on the engine that builds them',
  ]);
  await build([{}], { ...whenNeeded, push: 'push' });
  expect(own.pushes).toHaveLength(1);
});

test.each([
  ['kind', 'load docker-image --name dev localhost:5000/me/web:v1 localhost:5000/me/web:v2'],
  ['k3d', 'image import --cluster dev localhost:5000/me/web:v1 localhost:5000/me/web:v2'],
] as const)('%s gets the image from its own program', async (kind, call) => {
  const { build, own, calls, log } = await bench({ local: { kind, name: 'dev' }, programs: { [kind]: '' } });
  await build([{ tags: ['v1', 'v2'] }]);
  expect(calls(kind)).toEqual(['version', call]);
  expect(own.pushes).toEqual([]);
  expect(log.lines).toContain(
    'done build web: Loaded localhost:5000/me/web:v1, localhost:5000/me/web:v2 into the cluster dev',
  );
});

test('without the program of the cluster images are pushed as always', async () => {
  const { build, own, infos } = await bench({ local: { kind: 'kind', name: 'dev' } });
  await build();
  expect(own.pushes).toHaveLength(1);
  expect(infos()).toEqual([
    'info Images are pushed: kind, which could load them into the cluster dev, is not installed',
  ]);
});

test('an image that cannot be loaded is told with the words of the program', async () => {
  const script = '[ "$1" = version ] || { echo "ERROR: no nodes found for cluster dev" >&2; exit 1; }';
  const { build } = await bench({ local: { kind: 'kind', name: 'dev' }, programs: { kind: script } });
  const error = await userErrorOf(build());
  expect([error.code, error.exitCode]).toEqual(['LOAD_FAILED', 1]);
  expect(error.message).toBe(
    'kind could not load localhost:5000/me/web:v1 into the cluster dev:\n  ERROR: no nodes found for cluster dev',
  );
  expect(error.hint).toContain('kind load docker-image --name dev localhost:5000/me/web:v1');
});

const minikube = { kind: 'minikube', name: 'team' } as const;
const dockerEnv = `[ "$1" != docker-env ] || printf 'DOCKER_TLS_VERIFY=1\\nDOCKER_HOST=tcp://192.168.49.2:2376\\nDOCKER_CERT_PATH=/certs\\nMINIKUBE_ACTIVE_DOCKERD=team\\n'`;

test('minikube builds on its own engine, so nothing is pushed', async () => {
  const { build, calls, own, inside, addresses } = await bench({ local: minikube, programs: { minikube: dockerEnv } });
  await build();
  expect(calls('minikube')).toEqual(['docker-env --shell none --profile team']);
  expect(addresses).toEqual([{ host: 'tcp://192.168.49.2:2376', certFolder: '/certs' }]);
  expect([own.builds, inside.builds, inside.pushes].map(({ length }) => length)).toEqual([0, 1, 0]);
});

test('an environment that names the engine of minikube already is left as it is', async () => {
  const { build, calls, own } = await bench({ local: minikube, env: { MINIKUBE_ACTIVE_DOCKERD: 'team' } });
  await build();
  expect([own.builds, own.pushes, calls('minikube')].map(({ length }) => length)).toEqual([1, 0, 0]);
});

test.each<[string, string, Partial<ImageConfig>]>([
  ['does without Docker', '[ "$1" != docker-env ] || exit 89', {}],
  ['is not preferred', dockerEnv, { avoidsMinikube: true }],
])('a minikube that %s is handed the image of the own engine', async (_what, script, more) => {
  const { build, calls, own, inside } = await bench({ local: minikube, programs: { minikube: script } });
  await build([more]);
  expect(calls('minikube').slice(-1)).toEqual(['image load --profile team localhost:5000/me/web:v1']);
  expect([own.builds, own.pushes, inside.builds].map(({ length }) => length)).toEqual([1, 0, 0]);
});

test('without a kubeconfig images are built and pushed', async () => {
  const { build, own, run } = await bench({});
  run.kube = async () => {
    throw new UserError('KUBE_CONFIG', 'There is no kubeconfig.');
  };
  await build();
  expect(own.pushes).toHaveLength(1);
});
