import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { expect, test } from 'vitest';
import { startCli } from '../helpers/run-cli.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace } from './support/devspace.ts';
import { isEmbeddedEngine } from './support/engine.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('kaniko');
const dockerConfig = path.join(project.folder, 'docker-config');
const auth = Buffer.from('mia:registry-password').toString('base64');
const noEngine = { DOCKER_HOST: `unix://${path.join(project.folder, 'no.sock')}`, DOCKER_CONFIG: dockerConfig };

/** A stand-in for kaniko, of which no image is here: the script gets kaniko's arguments as `$0`, `$1` … */
const config = (script: string, more = '') => `version: v2beta1
name: kaniko
images:
  app:
    image: ${project.image}
    buildArgs: { MODE: fast }
    kaniko:
      image: busybox:1
      command: [sh, -c, ${JSON.stringify(script)}]
      env: { COLOUR: blue }
      ${more}
`;
const write = (script: string, more?: string): void => {
  writeFiles(project.folder, {
    'devspace.yaml': config(script, more),
    Dockerfile: 'FROM busybox:1\nCOPY . /app\n',
    '.dockerignore': 'docker-config\nresult\n',
    'src/a.txt': 'content of a',
    big: Buffer.alloc(3 * 1024 * 1024, 7),
    'docker-config/config.json': JSON.stringify({ auths: { [project.image.split('/')[0] ?? '']: { auth } } }),
  });
};
const build = (env: Record<string, string> = noEngine, ...flags: string[]) =>
  devspace(['build', '--debug', '-n', namespace.name, ...flags], { cwd: project.folder, env });

/** What a build may have left in the cluster. */
async function leftovers(): Promise<string[]> {
  const labelSelector = 'devspace-build=true';
  const found = await Promise.all(
    ['Pod', 'Secret'].map((kind) =>
      namespace.kube.list({ apiVersion: 'v1', kind, namespace: namespace.name, labelSelector }, signal),
    ),
  );
  return found.flat().flatMap(({ kind, metadata }) => (metadata.deletionTimestamp ? [] : [`${kind} ${metadata.name}`]));
}

test('the pod gets the context, the login and the arguments; nothing of it is left', async () => {
  write(
    'cd /context; echo "args: $0 $@"; cat src/a.txt; echo; wc -c < big; ls -A; cat /kaniko/.docker/config.json; echo; echo "colour $COLOUR"',
  );
  const { code, stderr } = await build();
  expect(stderr).toContain('with kaniko in the cluster: the registry has no image of this content');
  const [, tag = ''] = /Built and pushed \S+:([0-9a-f]{16}) in the cluster/.exec(stderr) ?? [];
  expect(stderr).toContain(
    `args: --dockerfile=/context/Dockerfile --context=dir:///context --destination=${project.image}:${tag} --snapshotMode=time --build-arg=MODE=fast`,
  );
  expect(stderr).toMatch(/content of a$/m);
  expect(stderr).toMatch(/\b3145728$/m);
  expect(stderr).toMatch(/"auths":\{"[^"]+":\{"auth":"/);
  expect(stderr).not.toContain(' docker-config');
  expect(stderr).toContain('colour blue');
  expect(stderr).not.toContain('registry-password');
  expect(code).toBe(0);
  await waitFor(async () => expect(await leftovers()).toEqual([]));
});

test('a build that fails is told with its last lines and code; nothing of it is left', async () => {
  write('echo "error building image: step RUN false" >&2; exit 3');
  const { code, stderr } = await build();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /kaniko in pod \S+ ended with exit code 3:\n {2}error building image: step RUN false \[BUILD_FAILED\]/,
  );
  await waitFor(async () => expect(await leftovers()).toEqual([]));
});

test('a push that is refused is told as one', async () => {
  write('echo "error checking push permissions -- make sure you entered the correct tag name"; exit 1');
  const { code, stderr } = await build();
  expect([code, /\[PUSH_FAILED\]/.test(stderr)]).toEqual([1, true]);
});

test('an image of kaniko that cannot be pulled is told within seconds', async () => {
  writeFiles(project.folder, {
    'devspace.yaml': config('true').replace('image: busybox:1', 'image: localhost:1/no/kaniko:1'),
  });
  const startedAt = Date.now();
  const { code, stderr } = await build();
  expect(code).toBe(1);
  expect(stderr).toMatch(/The build pod \S+ cannot build: (ErrImagePull|ImagePullBackOff), container kaniko/);
  expect(stderr).toContain('[BUILD_POD]');
  expect(Date.now() - startedAt).toBeLessThan(60_000);
  await waitFor(async () => expect(await leftovers()).toEqual([]));
});

test('without a Docker Engine the cluster builds, unless the image forbids it', async () => {
  write('echo "cache: $@"');
  const file = path.join(project.folder, 'devspace.yaml');
  const both = readFileSync(file, 'utf8').replace('    kaniko:', '    docker: { useCli: false }\n    kaniko:');
  writeFiles(project.folder, { 'devspace.yaml': both });
  const { code, stderr } = await build();
  expect(stderr).toMatch(/warn {2}No Docker Engine answers .*Images are built in the cluster with kaniko instead/);
  expect(code).toBe(0);
  writeFiles(project.folder, { 'devspace.yaml': both.replace('useCli: false', 'disableFallback: true') });
  const forbidden = await build();
  expect([forbidden.code, /\[DOCKER_UNREACHABLE\]/.test(forbidden.stderr)]).toEqual([1, true]);
  const kept = await build(noEngine, '--skip-push');
  expect([kept.code, /\[DOCKER_UNREACHABLE\]/.test(kept.stderr)]).toEqual([1, true]);
});

test.skipIf(isEmbeddedEngine)('what the registry has is not built again, also without a Docker Engine', async () => {
  write(`echo "an image of its own ${randomBytes(4).toString('hex')}"`);
  const first = await build();
  const [, tag = ''] = /Built and pushed \S+:([0-9a-f]{16}) in the cluster/.exec(first.stderr) ?? [];
  const docker = new Docker();
  // the stand-in for kaniko does not push
  await docker.getImage('busybox:1').tag({ repo: project.image, tag });
  await text(
    await docker.getImage(project.image).push({ tag, authconfig: { username: '', password: '', serveraddress: '' } }),
  );
  const second = await build();
  expect(second.stderr).toContain(`Not built: nothing changed, and the registry has ${project.image}:${tag}`);
  expect(second.code).toBe(0);
});

test('Ctrl-C takes the pod and the login away', async () => {
  write('echo building; exec sleep 600');
  const env = { ...process.env, ...noEngine };
  const started = startCli(['build', '--debug', '-n', namespace.name], { cwd: project.folder, env });
  await waitFor(() => expect(started.text.stderr).toContain('building'));
  expect(await leftovers()).toHaveLength(2);
  started.child.kill('SIGINT');
  expect((await started.result).code).toBe(130);
  await waitFor(async () => expect(await leftovers()).toEqual([]));
});

test('a pod that is deleted during the build ends it at once', async () => {
  write('echo building; exec sleep 600');
  const env = { ...process.env, ...noEngine };
  const started = startCli(['build', '--debug', '-n', namespace.name], { cwd: project.folder, env });
  await waitFor(() => expect(started.text.stderr).toContain('building'));
  const [pod = ''] = (await leftovers()).filter((name) => name.startsWith('Pod '));
  const ref = { apiVersion: 'v1', kind: 'Pod', name: pod.slice(4), namespace: namespace.name };
  await namespace.kube.delete(ref, signal);
  const { code, stderr } = await started.result;
  expect([code, /\[BUILD_POD\]/.test(stderr)]).toEqual([1, true]);
  await waitFor(async () => expect(await leftovers()).toEqual([]));
});
