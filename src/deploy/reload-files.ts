import { statSync } from 'node:fs';
import path from 'node:path';
import { escapePath, globSync, isDynamicPattern } from 'tinyglobby';
import type { AutoReload, DeploymentConfig, ResolvedConfig } from '../config/types.ts';
import { isFolder } from './collect-manifests.ts';

/** Pure: the globs, absolute or relative to the project, of the files whose change builds and deploys again. */
export function reloadPatterns({ images, deployments, dev }: ResolvedConfig): string[] {
  const wanted: AutoReload = dev.autoReload ?? { paths: [], deployments: [], images: [] };
  return [
    ...wanted.paths,
    ...images.filter(({ name }) => wanted.images.includes(name)).map(({ dockerfile }) => escapePath(dockerfile)),
    ...deployments.filter(({ name }) => wanted.deployments.includes(name)).flatMap(patternsOf),
  ];
}

function patternsOf(deployment: DeploymentConfig): readonly string[] {
  if (deployment.type === 'kubectl') return deployment.manifests;
  const values = deployment.valuesFiles.map(escapePath);
  return deployment.type === 'helm' ? [...values, escapePath(deployment.chart.name)] : values;
}

/** The files that the patterns name now, each with what tells a change; in folders everything counts. */
export function listReloadFiles(patterns: readonly string[], root: string): Map<string, string> {
  const globs = patterns.map((pattern) => {
    const isWhole = !isDynamicPattern(pattern) && isFolder(path.resolve(root, pattern));
    return isWhole ? `${pattern.replace(/\/+$/, '')}/**` : pattern;
  });
  const ignore = ignoredFolders.map((folder) => `**/${folder}/**`);
  const files = globSync(globs, { cwd: root, absolute: true, dot: true, ignore, expandDirectories: false });
  return new Map(
    files.flatMap((file): [string, string][] => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat ? [[path.relative(root, file), `${stat.mtimeMs} ${stat.size} ${stat.ino}`]] : [];
    }),
  );
}

/** Folders in which nothing counts, wherever they lie. */
export const ignoredFolders = ['node_modules', '.git', '.devspace'];

/** Pure: the files that are new, gone or other than before. */
export function changedFiles(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...now.keys()]);
  return [...names].filter((name) => before.get(name) !== now.get(name)).sort();
}
