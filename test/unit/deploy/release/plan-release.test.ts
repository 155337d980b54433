import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { HelmDeployment } from '../../../../src/config/types.ts';
import { planRelease } from '../../../../src/deploy/release/plan-release.ts';
import { openChartFolder } from '../../../../src/helm/charts.ts';
import { errorOf } from '../../../helpers/error-of.ts';
import { recordingLog } from '../../../helpers/recording-log.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';

const { signal } = new AbortController();

/** A `helm` that notes how it is called, and what it reads, and fetches an archive. */
const program = `#!/bin/sh
printf '%s' "$*" >>"$CALLS"
case "$1" in repo|registry) printf ' <%s' "$(cat)" >>"$CALLS";; esac
echo >>"$CALLS"
case "$1" in
  version) echo "\${HELM_IS:-v3.17.2+g0}";;
  dependency) [ "$2" = update ] && exit "\${UPDATE:-0}"; printf 'NAME\\tVERSION\\tREPOSITORY\\tSTATUS\\nsub\\t1\\thttps://x\\t%s\\n' "\${STATUS:-ok}";;
  pull) while [ "$1" != --destination ]; do shift; done; : >"$2/chart-1.0.0.tgz";;
esac
`;

function bench(files: Readonly<Record<string, string>> = {}) {
  const root = tempFolder();
  const calls = path.join(root, 'calls');
  writeFiles(root, { ...files, 'bin/helm': program });
  chmodSync(path.join(root, 'bin/helm'), 0o755);
  const charts = openChartFolder();
  onTestFinished(() => charts[Symbol.dispose]());
  const log = recordingLog();
  const plan = (more: Partial<HelmDeployment>, env: Readonly<Record<string, string>> = {}) =>
    planRelease({ ...deployment, ...more }, root, {
      env: { PATH: `${path.join(root, 'bin')}:/bin:/usr/bin`, CALLS: calls, ...env },
      signal,
      log,
      charts,
    });
  return { root, plan, log, charts, calls: () => readFileSync(calls, 'utf8').trim().split('\n').slice(1) };
}

const deployment: HelmDeployment = {
  type: 'helm',
  name: 'web',
  releaseName: 'web',
  updateImageTags: true,
  chart: { name: 'chart' },
  values: {},
  valuesFiles: [],
  upgradeArgs: [],
  templateArgs: [],
  displayOutput: false,
  disableDependencyUpdate: false,
  legacy: {},
};
const chart = { 'chart/Chart.yaml': 'name: chart\nversion: 1.0.0\n' };
const depending = { 'chart/Chart.yaml': 'name: chart\nversion: 1.0.0\ndependencies: [{ name: sub }]\n' };

test('a chart of a folder is taken where it is, with its own values', async () => {
  const { plan, root, calls } = bench({
    ...chart,
    'chart/values.yaml': 'a: 1\n',
    'more.yaml': 'b: 2\n',
    'empty.yaml': '',
  });
  expect(await plan({ valuesFiles: ['more.yaml', 'empty.yaml'] })).toMatchObject({
    chart: path.join(root, 'chart'),
    chartValues: { a: 1 },
    fileValues: [{ b: 2 }, {}],
  });
  expect(calls()).toEqual([]);
});

test.each([
  [{ name: 'nowhere' }, 'there is no chart nowhere'],
  [{ name: '' }, 'there is no chart (without a name)'],
  [{ name: 'empty' }, 'the folder empty is no chart'],
])('%j is told before anything is built', async (wrong, message) => {
  const { plan } = bench({ 'empty/README': '' });
  expect(await errorOf(plan({ chart: wrong }))).toMatchObject({
    code: 'HELM_CHART',
    message: expect.stringContaining(message),
  });
});

test('a mistake in a file of values is told with its line', async () => {
  const { plan } = bench({ ...chart, 'bad.yaml': 'a: 1\nb: [\n', 'list.yaml': '- 1\n' });
  expect(await errorOf(plan({ valuesFiles: ['bad.yaml'] }))).toMatchObject({
    code: 'HELM_CHART',
    message: expect.stringMatching(/bad\.yaml:3:1/),
  });
  expect(await errorOf(plan({ valuesFiles: ['list.yaml'] }))).toMatchObject({
    message: expect.stringContaining('list.yaml holds no map'),
  });
});

test('dependencies are fetched only if they are not complete; a failure is a warning', async () => {
  const { plan, root, calls, log } = bench(depending);
  const folder = path.join(root, 'chart');
  await plan({});
  expect(calls()).toEqual([`dependency list ${folder}`]);
  await plan({}, { STATUS: 'missing', UPDATE: '1' });
  expect(calls().at(-1)).toBe(`dependency update ${folder}`);
  expect(log.lines.join()).toContain('warn The dependencies of the chart');
  const before = calls().length;
  await plan({ disableDependencyUpdate: true }, { STATUS: 'missing' });
  expect(calls()).toHaveLength(before + 1);
});

test('a repository: the password goes through stdin, and nothing stays behind', async () => {
  const { plan, calls, charts } = bench();
  const remote = { name: 'pg', version: '1.x', repo: 'https://charts.example.com', username: 'me', password: 'secret' };
  const planned = await plan({
    chart: remote,
    upgradeArgs: ['--wait', '--ca-file', 'ca.pem', '--set', 'a=b', '--devel'],
    legacy: { fetchArgs: ['--keyring=k'] },
  });
  expect(existsSync(planned.chart)).toBe(true);
  const [add = '', pull = ''] = calls();
  expect(add).toMatch(
    /^repo add devspace https:\/\/charts\.example\.com --username me --password-stdin .* --ca-file ca\.pem <secret$/,
  );
  expect(pull).toMatch(/^pull devspace\/pg --version 1\.x .*--keyring=k --ca-file ca\.pem --devel$/);
  charts[Symbol.dispose]();
  expect(existsSync(planned.chart)).toBe(false);
});

test('a registry gets the login of its host, an alias is left to the Helm of the user', async () => {
  const { plan, calls } = bench();
  const name = 'oci://registry.example.com/charts/web';
  await plan({ chart: { name, username: 'me', password: 'secret' }, upgradeArgs: ['--plain-http'] });
  const [login = '', pull = ''] = calls();
  expect(login).toMatch(
    /^registry login registry\.example\.com --username me --password-stdin .*--plain-http <secret$/,
  );
  expect(pull).toMatch(/^pull oci:\/\/registry\.example\.com\/charts\/web .*--registry-config .*--plain-http$/);
  await plan({ chart: { name: 'stable/mysql', version: '1.4.0' } });
  expect(calls().at(-1)).toMatch(/^pull stable\/mysql --version 1\.4\.0 --destination \S+$/);
});

test('Helm 2, and none at all, are refused with what to install', async () => {
  const { plan } = bench(chart);
  expect(await errorOf(plan({}, { HELM_IS: 'Client: v2.17.0' }))).toMatchObject({
    code: 'HELM_MISSING',
    message: expect.stringContaining('v2.17.0'),
  });
  expect(await errorOf(plan({ legacy: { binary: './bin/none' } }))).toMatchObject({ code: 'HELM_MISSING' });
});
