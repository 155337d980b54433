import path from 'node:path';
import { expect, test } from 'vitest';
import { changedFiles, listReloadFiles, reloadPatterns } from '../../../src/deploy/reload-files.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';
import { projectFolder } from '../config/project-folder.ts';

test('the files of dev.autoReload are its own, the Dockerfiles and the manifests', async () => {
  const file = `version: v1beta9
images:
  app: { image: me/app, dockerfile: docker/Dockerfile }
  other: { image: me/other }
deployments:
- { name: app, kubectl: { manifests: [kube, "more/*.yaml"] } }
- { name: chart, helm: { chart: { name: ./chart }, valuesFiles: [values.yaml] } }
- { name: left, kubectl: { manifests: [left] } }
dev:
  autoReload: { paths: ["src/**"], images: [app], deployments: [app, chart] }
`;
  const { config } = await projectFolder({ 'devspace.yaml': file }).load();
  const patterns = reloadPatterns(config).map((pattern) =>
    path.relative(config.projectRoot, path.resolve(config.projectRoot, pattern)),
  );
  expect(patterns).toEqual(['src/**', 'docker/Dockerfile', 'kube', 'more/*.yaml', 'values.yaml', 'chart']);
  expect(reloadPatterns((await projectFolder({ 'devspace.yaml': 'version: v1beta9\n' }).load()).config)).toEqual([]);
});

test('new, changed and deleted files are found, in folders too, and nothing of node_modules', () => {
  const root = tempFolder();
  const look = () => listReloadFiles(['./src/**', 'kube', 'Dockerfile', 'missing'], root);
  writeFiles(root, { 'src/a/b': '1', 'kube/.hidden/x': '1', Dockerfile: '1', 'src/node_modules/x': '1', other: '1' });
  const before = look();
  expect([...before.keys()].sort()).toEqual(['Dockerfile', 'kube/.hidden/x', 'src/a/b']);
  expect(changedFiles(before, look())).toEqual([]);
  writeFiles(root, { 'src/a/b': '22', 'src/new': '1', 'src/node_modules/x': '22' });
  expect(changedFiles(before, look())).toEqual(['src/a/b', 'src/new']);
  expect(changedFiles(look(), before)).toEqual(['src/a/b', 'src/new']);
});
