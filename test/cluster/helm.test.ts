import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parseYamlDocuments } from '../../src/config/yaml-documents.ts';
import { realClients } from '../helpers/real-clients.ts';
import { writeFiles } from '../helpers/temp-folder.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { makeProject } from './support/project.ts';

const namespace = useNamespace();
const project = await makeProject('helm');
const flags = ['-n', namespace.name];

/** Ahead of all other programs: the real Helm behind a script that notes how it is called. */
const bin = mkdtempSync(path.join(tmpdir(), 'devspace-helm-'));
const calls = path.join(bin, 'calls');
const env = { PATH: `${bin}:${process.env['PATH']}`, HELM_NAMESPACE: 'elsewhere', HELM_KUBECONTEXT: 'elsewhere' };
let helm = '';
beforeAll(async () => {
  ({ helm } = await realClients());
  writeFiles(bin, { helm: `#!/bin/sh\nprintf '%s\\n' "$*" >>${calls}\nexec ${helm} "$@"\n` });
  chmodSync(path.join(bin, 'helm'), 0o755);
});
afterAll(() => rmSync(bin, { recursive: true, force: true }));

const run = (...args: string[]) => devspace([...args, ...flags], { cwd: project.folder, env });

const chartFiles = (folder: string, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${path.basename(folder)}\nversion: 1.0.0\n`,
  ...Object.fromEntries(Object.entries(more).map(([file, text]) => [`${folder}/${file}`, text])),
});

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
        {{- with .Values.command }}
        command: {{ toJson . }}
        {{- end }}
        env:
        - { name: MESSAGE, value: {{ .Values.message | quote }} }
        - { name: SIDE_IMAGE, value: {{ .Values.sideImage | quote }} }
`;

const podOf = async (release: string) => {
  const pods = (await namespace.pods(`app=${release}`)).filter(({ metadata }) => !metadata.deletionTimestamp);
  expect(pods).toHaveLength(1);
  const [pod] = pods;
  return { namespace: namespace.name, pod: pod?.metadata.name ?? '', container: 'web', spec: pod?.spec };
};
const revisions = async (release: string) => {
  const labelSelector = `owner=helm,name=${release}`;
  const query = { apiVersion: 'v1', kind: 'Secret', namespace: namespace.name, labelSelector };
  const records = await namespace.kube.list(query, signal);
  return records.map(({ metadata: { labels = {} } }) => `${labels['version']} ${labels['status']}`);
};

test('a chart of a folder: values, images of the run, dependencies; changed in place, and purged', async () => {
  writeFiles(project.folder, {
    ...chartFiles('chart', {
      'templates/deployment.yaml': deployment,
      'values.yaml': `image: { repository: ${project.image}, tag: none }\nmessage: of the chart\n`,
    }),
    ...chartFiles('settings', {
      'templates/map.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }}-settings }\ndata: { from: the dependency }\n',
    }),
    'chart/Chart.yaml':
      'apiVersion: v2\nname: chart\nversion: 1.0.0\ndependencies:\n- { name: settings, version: 1.0.0, repository: "file://../settings" }\n',
    'values/one.yaml': 'message: of the first file\n',
    'values/two.yaml': 'message: of the second file\n',
  });
  const config = (more: string) => `version: v2beta1
name: charts
images:
  web: { image: ${project.image} }
deployments:
  web:
    helm:
      releaseName: shop
      chart: { name: ./chart }
      valuesFiles: [values/one.yaml, values/two.yaml]
      values: { sideImage: "\${runtime.images.web}"${more} }
`;
  project.write('devspace.yaml', config(''));
  const first = await run('deploy');
  expect(first.stderr).toContain('Deployed web (release shop, revision 1');
  expect(first).toMatchObject({ code: 0, stdout: '' });
  const pod = await podOf('shop');
  const image = pod.spec?.containers[0]?.image;
  expect(image).toMatch(new RegExp(`^${project.image}:[0-9a-f]{16}$`));
  const script = 'echo "$MESSAGE, $SIDE_IMAGE"';
  expect(await namespace.exec(pod, 'sh', '-c', script)).toBe(`of the second file, ${image}\n`);
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', name: 'shop-settings', namespace: namespace.name };
  expect((await namespace.kube.read(settings, signal))?.['data']).toEqual({ from: 'the dependency' });

  const rendered = await run('render', '--skip-build');
  expect(rendered.code).toBe(0);
  const documents = parseYamlDocuments(rendered.stdout) as { readonly kind: string; readonly spec?: unknown }[];
  expect(documents.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'Deployment']);
  expect(JSON.stringify(documents)).toContain(`"image":"${image}"`);

  expect((await run('deploy')).stderr).toContain('Skipped web: release shop is unchanged');
  expect(await revisions('shop')).toEqual(['1 deployed']);
  writeFiles(project.folder, { 'settings/more': 'a file of the dependency' });
  expect((await run('deploy')).stderr).toContain('Deploying web: it has changed');

  project.write('devspace.yaml', config(', message: of the configuration'));
  const dry = await run('deploy', '--dry-run');
  expect(dry.stderr).toContain('0 to create, 1 to change, 0 to delete; nothing was done');
  expect(dry.stdout).toMatch(/-\s+value: of the second file\n\+\s+value: of the configuration\n/);
  expect(await run('deploy')).toMatchObject({ code: 0 });
  expect(await namespace.exec(await podOf('shop'), 'printenv', 'MESSAGE')).toBe('of the configuration\n');
  expect(await revisions('shop')).toEqual(['1 superseded', '2 superseded', '3 deployed']);

  expect(await run('purge')).toMatchObject({ code: 0 });
  expect(await revisions('shop')).toEqual([]);
  expect(await namespace.kube.read(settings, signal)).toBeUndefined();
  const again = await run('purge');
  expect(again.stderr).toContain('there is no release shop');
  expect(again.code).toBe(0);
});

test('a chart of a repository with a password, which no process list and no output shows', async () => {
  const password = 'no-eye-may-see-this';
  const served = mkdtempSync(path.join(bin, 'repository-'));
  const source = mkdtempSync(path.join(bin, 'source-'));
  const map =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\ndata: { is: "{{ .Values.is }}" }\n';
  writeFiles(source, chartFiles('remote', { 'templates/map.yaml': map }));
  execFileSync(helm, ['package', path.join(source, 'remote'), '--destination', served]);
  execFileSync(helm, ['repo', 'index', served]);
  const server = createServer((request, response) => {
    const login = Buffer.from(`reader:${password}`).toString('base64');
    const file = path.join(served, path.basename(request.url ?? ''));
    if (request.headers.authorization !== `Basic ${login}`) return response.writeHead(401).end();
    return existsSync(file) ? response.end(readFileSync(file)) : response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { readonly port: number };
  const config = (login: string) => `version: v2beta1
name: charts
deployments:
  remote:
    helm:
      chart: { name: remote, version: 1.0.0, repo: "http://127.0.0.1:${port}", username: reader, password: ${login} }
      values: { is: here }
`;
  project.write('devspace.yaml', config(password));
  const result = await run('deploy', '--debug');
  expect(result.code).toBe(0);
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'remote', namespace: namespace.name };
  expect((await namespace.kube.read(ref, signal))?.['data']).toEqual({ is: 'here' });
  expect(readFileSync(calls, 'utf8')).toContain('pull');
  for (const text of [readFileSync(calls, 'utf8'), result.stderr, result.stdout]) expect(text).not.toContain(password);

  project.write('devspace.yaml', config(`${password}-wrong`));
  const refused = await run('deploy');
  expect(refused.stderr).toContain('[HELM_CHART]');
  expect(refused.stderr).not.toContain(password);
  expect(refused.code).toBe(1);
});

test('a release that cannot become ready is taken back at once, with the cause', async () => {
  writeFiles(project.folder, chartFiles('fragile', { 'templates/deployment.yaml': deployment }));
  const config = (command: string) => `version: v1beta11
images:
  web: { image: ${project.image} }
deployments:
- name: fragile
  helm:
    chart: { name: ./fragile }
    atomic: true
    timeout: 170s
    values: { image: { repository: image(web), tag: tag(web) }, command: ${command} }
`;
  project.write('devspace.yaml', config('[node, server.js]'));
  expect(await run('deploy')).toMatchObject({ code: 0 });

  project.write('devspace.yaml', config('[sh, -c, "echo no database >&2; exit 3"]'));
  const broken = await run('deploy');
  expect(broken.stderr).toContain('[DEPLOY_FAILED]');
  expect(broken.stderr).toContain('exit code 3');
  expect(broken.stderr).toContain('  no database');
  expect(broken.code).toBe(1);
  expect(await revisions('fragile')).toEqual(['1 superseded', '2 failed', '3 deployed']);
});

test('a release that another run left half-made is taken up again', async () => {
  writeFiles(project.folder, {
    ...chartFiles('cut', { 'templates/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: cut }\n' }),
    'devspace.yaml': 'version: v2beta1\nname: charts\ndeployments:\n  cut: { helm: { chart: { name: ./cut } } }\n',
  });
  expect(await run('deploy')).toMatchObject({ code: 0 });
  const labels = { owner: 'helm', name: 'cut', status: 'pending-upgrade', version: '2' };
  const ref = { apiVersion: 'v1', kind: 'Secret', name: 'sh.helm.release.v1.cut.v1', namespace: namespace.name };
  const record = await namespace.kube.read(ref, signal);
  const { data, type } = record as unknown as { readonly data: unknown; readonly type: string };
  const pending = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sh.helm.release.v1.cut.v2', labels },
    data,
    type,
  };
  await namespace.kube.apply(pending, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
  const result = await run('deploy', '--force-deploy');
  expect(result.stderr).toContain('Revision 2 of the release cut was cut off');
  expect(result.code).toBe(0);
  expect(await revisions('cut')).toEqual(['1 superseded', '2 deployed']);
});

test('a chart that left the configuration is uninstalled by purge', async () => {
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: orphan }\n';
  const config =
    'version: v2beta1\nname: orphans\ndeployments:\n  old: { helm: { chart: { name: ./orphan }, releaseName: aged } }\n';
  writeFiles(project.folder, { ...chartFiles('orphan', { 'templates/map.yaml': map }), 'devspace.yaml': config });
  expect(await run('deploy')).toMatchObject({ code: 0 });
  project.write('devspace.yaml', 'version: v2beta1\nname: orphans\n');
  expect(await run('purge')).toMatchObject({ code: 0 });
  expect(await revisions('aged')).toEqual([]);
});

test('without Helm it is told what to install', async () => {
  writeFiles(project.folder, {
    ...chartFiles('chart'),
    'devspace.yaml': 'version: v2beta1\nname: charts\ndeployments:\n  web: { helm: { chart: { name: ./chart } } }\n',
  });
  const result = await devspace(['deploy', ...flags], { cwd: project.folder, env: { PATH: '/nowhere' } });
  expect(result.stderr).toContain('[HELM_MISSING]');
  expect(result.stderr).toContain('Install Helm 3 or 4');
  expect(result.code).toBe(1);
});
