import { rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { chartDigest } from '../../../../src/deploy/release/chart-digest.ts';
import { dependenciesBeside, isOutdated } from '../../../../src/deploy/release/dependencies-beside.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';

const depending =
  'name: web\ndependencies:\n- { name: sub, repository: "file://../sub" }\n- { name: pg, repository: "https://x" }\n';

test('names and bytes of files count, times do not', () => {
  const root = tempFolder();
  const chart = path.join(root, 'web');
  writeFiles(chart, { 'Chart.yaml': 'name: web\n', 'templates/a.yaml': 'a: 1\n', '.git/HEAD': 'x' });
  const first = chartDigest(chart);
  utimesSync(path.join(chart, 'Chart.yaml'), 1, 1);
  writeFiles(chart, { '.git/HEAD': 'y' });
  expect(chartDigest(chart)).toBe(first);
  writeFiles(chart, { 'templates/a.yaml': 'a: 2\n' });
  expect(chartDigest(chart)).not.toBe(first);
  const changed = chartDigest(chart);
  writeFiles(chart, { 'templates/b.yaml': 'a: 2\n' });
  rmSync(path.join(chart, 'templates/a.yaml'));
  expect(chartDigest(chart)).not.toBe(changed);
  writeFiles(root, { 'x.tgz': 'one', 'y.tgz': 'two' });
  expect(chartDigest(path.join(root, 'x.tgz'))).not.toBe(chartDigest(path.join(root, 'y.tgz')));
});

test('a dependency beside the chart counts as it is there, not as it was packed', () => {
  const root = tempFolder();
  const chart = path.join(root, 'web');
  writeFiles(root, { 'web/Chart.yaml': depending, 'web/charts/sub-1.tgz': 'packed', 'sub/Chart.yaml': 'name: sub\n' });
  const first = chartDigest(chart);
  writeFiles(root, { 'web/charts/sub-1.tgz': 'packed later' });
  expect(chartDigest(chart)).toBe(first);
  writeFiles(root, { 'web/charts/pg-1.tgz': 'another' });
  expect(chartDigest(chart)).not.toBe(first);
  const second = chartDigest(chart);
  writeFiles(root, { 'sub/more': 'x' });
  expect(chartDigest(chart)).not.toBe(second);
});

test('a packed dependency is outdated once something of it changes', () => {
  const root = tempFolder();
  const chart = path.join(root, 'web');
  writeFiles(root, { 'web/Chart.yaml': depending, 'sub/Chart.yaml': 'name: sub\n', 'sub/templates/a': 'a' });
  const [sub] = dependenciesBeside(chart);
  if (!sub) throw new Error('it is there');
  expect(sub).toEqual({ name: 'sub', folder: path.join(root, 'sub') });
  expect(isOutdated(chart, sub)).toBe(true);
  writeFiles(root, { 'web/charts/sub-1.0.0.tgz': 'packed' });
  const later = Date.now() / 1000 + 100;
  utimesSync(path.join(chart, 'charts/sub-1.0.0.tgz'), later, later);
  expect(isOutdated(chart, sub)).toBe(false);
  utimesSync(path.join(root, 'sub/templates'), later + 1, later + 1);
  expect(isOutdated(chart, sub)).toBe(true);
});
