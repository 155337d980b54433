import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectFailure } from '../helpers/expect-failure.ts';
import { kubeconfigOfAccount } from './support/account.ts';
import { devspace } from './support/devspace.ts';
import { useNamespace } from './support/namespace.ts';
import { configText, makeProject, manifestText, type TestProject } from './support/project.ts';

const namespace = useNamespace();
const flags = ['-n', namespace.name];

async function projectWith(
  files: Readonly<Record<string, string | ((project: TestProject) => string)>>,
): Promise<TestProject> {
  const project = await makeProject(`fault-${randomBytes(2).toString('hex')}`);
  for (const [file, content] of Object.entries(files)) {
    project.write(file, typeof content === 'string' ? content : content(project));
  }
  return project;
}

describe('the cluster says no', () => {
  test('an image that does not exist', async () => {
    const project = await projectWith({ 'kube/deployment.yaml': manifestText('localhost:5000/nobody/nothing:1') });
    const result = await devspace(['deploy', ...flags], { cwd: project.folder });
    expectFailure(result, 'DEPLOY_FAILED');
    expect(result.stderr).toMatch(/ErrImagePull|ImagePullBackOff/);
    expect(result.stderr).toContain('localhost:5000/nobody/nothing:1');
  });

  test('a crash loop, with the last lines of the log', async () => {
    const project = await projectWith({ 'server.js': "console.log('about to fail: no database'); process.exit(4);" });
    const result = await devspace(['deploy', ...flags], { cwd: project.folder });
    expectFailure(result, 'DEPLOY_FAILED');
    expect(result.stderr).toContain('exit code 4');
    expect(result.stderr).toContain('  about to fail: no database');
  });

  test('a deadline, with what is known', async () => {
    const impossible = (project: TestProject) =>
      manifestText(project.image).replace(/ \}\n$/, ', resources: { requests: { cpu: "4000" } } }\n');
    const project = await projectWith({ 'kube/deployment.yaml': impossible });
    const result = await devspace(['deploy', ...flags, '--timeout', '3'], { cwd: project.folder });
    expectFailure(result, 'DEPLOY_TIMEOUT');
    expect(result.stderr).toContain('Unschedulable');
    expect(result.stderr).toMatch(/Insufficient cpu/i);
  });

  test('an account that may not, with the verb and the resource', async () => {
    const project = await projectWith({});
    const kubeconfig = await kubeconfigOfAccount(namespace, 'nobody');
    const result = await devspace(['deploy', ...flags, '--skip-push'], {
      cwd: project.folder,
      env: { KUBECONFIG: kubeconfig },
    });
    expectFailure(result, 'KUBE_FORBIDDEN');
    expect(result.stderr).toMatch(/cannot (patch|create) resource "deployments"/);
  });

  test('a manifest that the API server refuses', async () => {
    const broken = (project: TestProject) => manifestText(project.image).replace('containers:', 'contaners:');
    const project = await projectWith({ 'kube/deployment.yaml': broken });
    const result = await devspace(['deploy', ...flags], { cwd: project.folder });
    expectFailure(result, 'KUBE_REJECTED');
    expect(result.stderr).toMatch(/contaners|containers/);
  });

  test('nobody listens, and a server that never answers is told as such', async () => {
    const project = await projectWith({});
    const closed = await kubeconfigFor('https://127.0.0.1:1');
    const refused = await devspace(['enter', ...flags], { cwd: project.folder, env: { KUBECONFIG: closed } });
    expectFailure(refused, 'KUBE_UNREACHABLE');
    expect(refused.stderr).toContain('https://127.0.0.1:1');
  });

  test('no kubeconfig, or one without the context', async () => {
    const project = await projectWith({});
    const none = await devspace(['enter', ...flags], { cwd: project.folder, env: { KUBECONFIG: '/no/such/file' } });
    expectFailure(none, 'KUBE_CONFIG');
    const wrong = await devspace(['enter', ...flags, '--kube-context', 'elsewhere'], { cwd: project.folder });
    expectFailure(wrong, 'KUBE_CONFIG');
    expect(wrong.stderr).toMatch(/no context elsewhere. It has: /);
  });
});

describe('the engine or the registry says no', () => {
  test('no daemon', async () => {
    const project = await projectWith({});
    const result = await devspace(['build'], {
      cwd: project.folder,
      env: { DOCKER_HOST: 'unix:///no/such/docker.sock' },
    });
    expectFailure(result, 'DOCKER_UNREACHABLE');
  });

  test.each(['0', '1'])('an instruction that fails is named, with its output, DOCKER_BUILDKIT=%s', async (buildKit) => {
    const project = await projectWith({ Dockerfile: 'FROM node:20\nRUN echo almost; echo gone >&2; exit 6\n' });
    const result = await devspace(['build'], { cwd: project.folder, env: { DOCKER_BUILDKIT: buildKit } });
    expectFailure(result, 'BUILD_FAILED');
    expect(result.stderr).toMatch(/at (Step 2\/2 : |\[2\/2\] )RUN echo almost; echo gone >&2; exit 6: .*6$/m);
    // the engine mixes what comes by stdout and stderr
    for (const line of ['almost', 'gone'])
      expect(result.stderr).toMatch(new RegExp(`^ +${line}( \\[BUILD_FAILED\\])?$`, 'm'));
  });

  test('a Dockerfile that is missing or is none', async () => {
    const project = await projectWith({ Dockerfile: 'FROM node:20\nFOO bar\n' });
    const wrong = await devspace(['build'], { cwd: project.folder });
    expectFailure(wrong, 'BUILD_FAILED');
    expect(wrong.stderr).toMatch(/unknown instruction: FOO/i);
    project.write('devspace.yaml', configText(project).replace('{ image:', '{ dockerfile: Missing, image:'));
    expectFailure(await devspace(['build'], { cwd: project.folder }), 'BUILD_FILE');
  });

  const closedRegistry = process.env['TEST_CLOSED_REGISTRY'];
  test.runIf(closedRegistry)('a registry that wants a login, and takes the one that Docker stored', async () => {
    const image = `${closedRegistry}/devspace-test/login`;
    const project = await projectWith({ 'devspace.yaml': ({ port }) => configText({ port, image }) });
    const folder = mkdtempSync(path.join(tmpdir(), 'devspace-docker-'));
    const env = { DOCKER_CONFIG: folder };
    const denied = await devspace(['build'], { cwd: project.folder, env });
    expectFailure(denied, 'PUSH_FAILED');
    expect(denied.stderr).toContain(`docker login ${closedRegistry}`);

    const { user, password } = { user: 'dev', password: 'dev-secret' };
    const auth = Buffer.from(`${user}:${password}`).toString('base64');
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ auths: { [closedRegistry ?? '']: { auth } } }));
    const pushed = await devspace(['build', '--debug'], { cwd: project.folder, env });
    expect(pushed.code).toBe(0);
    expect(pushed.stderr).toContain(`Pushed ${image}:`);
    expect(pushed.stderr).not.toContain(password);
    expect(pushed.stderr).not.toContain(auth);
  });

  test('a registry that nobody runs', async () => {
    const project = await projectWith({
      'devspace.yaml': ({ port }) => configText({ port, image: 'localhost:1/me/app' }),
    });
    const result = await devspace(['build'], { cwd: project.folder });
    expectFailure(result, 'PUSH_FAILED');
    expect(result.stderr).toContain('localhost:1/me/app');
  });
});

describe('the files say no', () => {
  test.each([
    ['an unknown key', 'imagess: {}', 'imagess'],
    ['a wrong type', 'deployments: 3', 'deployments'],
  ])('%s is told with file, line and key', async (_name, line, key) => {
    const project = await projectWith({ 'devspace.yaml': `version: v1beta2\n${line}\n` });
    const result = await devspace(['build'], { cwd: project.folder });
    expectFailure(result, 'CONFIG_INVALID', undefined, 2);
    expect(result.stderr).toContain('devspace.yaml:2:');
    expect(result.stderr).toContain(key);
  });

  test('an unknown version', async () => {
    const project = await projectWith({ 'devspace.yaml': 'version: v9\n' });
    const result = await devspace(['build'], { cwd: project.folder });
    expectFailure(result, 'CONFIG_INVALID', undefined, 2);
    expect(result.stderr).toContain('devspace.yaml:1:');
    expect(result.stderr).toContain('v9');
  });

  test('no devspace.yaml', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'devspace-empty-'));
    expectFailure(await devspace(['dev'], { cwd: folder }), 'CONFIG_NOT_FOUND', undefined, 2);
  });

  test('P01: a local port that is taken', async () => {
    const project = await projectWith({});
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(project.port, '127.0.0.1', resolve));
    const result = await devspace(['dev', ...flags], { cwd: project.folder });
    server.close();
    expectFailure(result, 'PORT_UNAVAILABLE');
    expect(result.stderr).toContain(`127.0.0.1:${project.port}`);
  });
});

async function kubeconfigFor(server: string): Promise<string> {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'devspace-kubeconfig-')), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: { token: 'nothing' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
