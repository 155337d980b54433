import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { build } from '../../src/workflows/build.ts';
import { deploy } from '../../src/workflows/deploy.ts';
import { loadProject } from '../../src/workflows/project.ts';
import { purge } from '../../src/workflows/purge.ts';
import { emptyReport } from '../../src/workflows/run-report.ts';
import type { Tools } from '../../src/workflows/tools.ts';
import { createBench } from '../helpers/bench.ts';
import { errorOf } from '../helpers/error-of.ts';
import { fakeDocker } from '../helpers/fake-docker.ts';
import { fakeKube } from '../helpers/fake-kube.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';

const { signal } = new AbortController();
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;

/** A project that deploys a config map with its own name. */
const project = (name: string, more = '') => ({
  [`${name}/devspace.yaml`]: `version: v2beta1
name: ${name}
images: { ${name}: { image: localhost:5000/me/${name} } }
deployments: { ${name}: { kubectl: { manifests: [map.yaml] } } }
${more}`,
  [`${name}/map.yaml`]: configMap(name),
  [`${name}/Dockerfile`]: 'FROM scratch\n',
});
const on = (...names: string[]) =>
  `dependencies:\n${names.map((name) => `  ${name}: { path: ../${name} }\n`).join('')}`;

/** `app` needs `api` and `web`, which both need `db`. */
async function diamond(more: Readonly<Record<string, string>> = {}) {
  const bench = await createBench();
  const folder = tempFolder();
  writeFiles(folder, {
    ...project('app', on('api', 'web')),
    ...project('api', on('db')),
    ...project('web', on('db')),
    ...project('db'),
    ...more,
  });
  const fake = fakeKube([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dev' } }]);
  const engine = fakeDocker();
  const env = { HOME: folder, PATH: process.env['PATH'] };
  const tools: Tools = { ...bench.tools, env, kube: async () => fake.kube, docker: async () => engine.docker };
  const app = await loadProject({ cwd: path.join(folder, 'app'), kube: {}, signal }, tools);
  // without what is remembered about each deployment
  const calls = (verb: string) =>
    fake.calls.filter((call) => call.startsWith(`${verb} `) && !call.includes('devspace.'));
  return {
    app,
    tools,
    fake,
    engine,
    folder,
    deployed: () => calls('apply'),
    deleted: () => calls('delete'),
    log: bench.log,
  };
}

const options = {
  build: { push: 'keep local', rebuild: 'when needed' } as const,
  deploy: { conflicts: 'fail' as const, redeploy: 'when changed' as const },
  dependencies: {},
  timeoutMs: 5_000,
  report: emptyReport(),
  signal,
};

test('C04 diamond: each dependency is built and deployed once, what it needs before it, the project last', async () => {
  const { app, tools, deployed, engine } = await diamond();
  await deploy(app, options, tools);
  expect(deployed()).toEqual(['db', 'api', 'web', 'app'].map((name) => `apply ConfigMap ${name}`));
  expect(engine.builds).toHaveLength(4);
});

test('flags leave dependencies out, or take only some', async () => {
  const { app, tools, deployed } = await diamond();
  await deploy(app, { ...options, dependencies: { skip: ['web', 'db'] } }, tools);
  expect(deployed()).toEqual(['apply ConfigMap api', 'apply ConfigMap app']);
  await deploy(app, { ...options, dependencies: { only: ['web'] } }, tools);
  expect(deployed().slice(2)).toEqual(['apply ConfigMap web']);
  const error = await errorOf(deploy(app, { ...options, dependencies: { only: ['wen'] } }, tools));
  expect(error).toMatchObject({ code: 'USAGE', hint: 'This project has: db, api, web.' });
});

test('purge leaves dependencies alone, unless it is asked to take them, too', async () => {
  const { app, tools, fake, deleted } = await diamond();
  await deploy(app, options, tools);
  await purge(app, { signal }, tools);
  expect(deleted()).toEqual(['delete ConfigMap app']);
  await deploy(app, options, tools);
  fake.objects.splice(1);
  await deploy(app, options, tools);
  await purge(app, { dependencies: {}, signal }, tools);
  expect(deleted().slice(1)).toEqual(['app', 'web', 'api', 'db'].map((name) => `delete ConfigMap ${name}`));
});

test('build builds the images of the dependencies, too', async () => {
  const { app, tools, engine } = await diamond();
  await build(app, { build: { push: 'keep local', rebuild: 'when needed' }, dependencies: {}, signal }, tools);
  expect(engine.builds).toHaveLength(4);
});

test('C04 cycle: it is named, and everything is deployed once', async () => {
  const { app, tools, deployed, log } = await diamond(project('db', on('app')));
  await deploy(app, options, tools);
  expect(deployed()).toEqual(['db', 'api', 'web', 'app'].map((name) => `apply ConfigMap ${name}`));
  expect(log.lines).toContainEqual(expect.stringContaining('circle (app → api → db → app)'));
});

test('one repository is cloned once for all that name it', async () => {
  const { tools, folder, deployed } = await diamond();
  const origin = path.join(folder, 'origin');
  writeFiles(origin, { ...project('one'), ...project('two') });
  const git = (...args: string[]) => {
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
    const { status, stderr } = spawnSync('git', ['-C', origin, ...author, ...args], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  };
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  const log = path.join(folder, 'git.log');
  const source = (name: string) => `  ${name}: { git: "file://${origin}", subPath: ${name} }\n`;
  writeFiles(folder, project('shop', `dependencies:\n${source('one')}${source('two')}`));
  const env = { ...tools.env, GIT_TRACE: log };
  const shop = await loadProject({ cwd: path.join(folder, 'shop'), kube: {}, signal }, { ...tools, env });
  await deploy(shop, options, { ...tools, env });
  expect(deployed()).toEqual(['one', 'two', 'shop'].map((name) => `apply ConfigMap ${name}`));
  const commands = readFileSync(log, 'utf8').match(/trace: built-in: git (clone|pull) .*/g);
  expect(commands).toHaveLength(1);
});
