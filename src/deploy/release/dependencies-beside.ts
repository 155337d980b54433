import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isMap } from '../merge-values.ts';
import { readValues } from '../read-values.ts';

/** A chart beside another one that depends on it, with `file://` as its repository. */
export interface DependencyBeside {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}

/** The dependencies of the chart in a folder that are folders themselves. Throws `HELM_CHART` for an unreadable file. */
export function dependenciesBeside(chart: string): DependencyBeside[] {
  const lists = ['Chart.yaml', 'requirements.yaml'].filter((file) => existsSync(path.join(chart, file)));
  return lists.flatMap((file) => {
    const { dependencies } = readValues({ file, name: path.basename(chart), code: 'HELM_CHART' }, chart);
    if (!Array.isArray(dependencies)) return [];
    return dependencies.filter(isMap).flatMap(({ name, repository }): DependencyBeside[] => {
      if (typeof name !== 'string' || typeof repository !== 'string' || !repository.startsWith('file://')) return [];
      const folder = path.resolve(chart, repository.slice('file://'.length));
      // one that is missing is Helm's to tell
      return existsSync(path.join(folder, 'Chart.yaml')) && folder !== chart ? [{ name, folder }] : [];
    });
  });
}

/**
 * Whether the packed dependency in the chart is older than what it was made of. Packing it anew without need would change
 * the chart, and with it the images that have the chart in their context.
 */
export function isOutdated(chart: string, { name, folder }: DependencyBeside): boolean {
  const charts = path.join(chart, 'charts');
  const archives = existsSync(charts) ? readdirSync(charts) : [];
  const archive = archives.find((file) => file.startsWith(`${name}-`) && file.endsWith('.tgz'));
  if (archive === undefined) return true;
  const packedAt = statSync(path.join(charts, archive)).mtimeMs;
  // a folder changes with the names in it
  const files = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  return files.some((file) => statSync(path.join(folder, file)).mtimeMs > packedAt);
}
