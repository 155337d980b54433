import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { dependenciesBeside } from './dependencies-beside.ts';

/**
 * A hash of what is in a chart: of the bytes of an archive, or of the names and bytes of the files of a folder. A chart
 * beside it that it depends on counts as it is there; Helm packs it anew each time, with other times in the archive.
 */
export function chartDigest(chart: string): string {
  const hash = createHash('sha256');
  if (!statSync(chart).isDirectory()) return hash.update(readFileSync(chart)).digest('hex');
  const beside = dependenciesBeside(chart);
  const packed = beside.map(({ name }) => `charts/${name}-`);
  for (const file of filesOf(chart)) {
    if (packed.some((start) => file.startsWith(start) && file.endsWith('.tgz'))) continue;
    hash.update(`${file}\0`).update(
      createHash('sha256')
        .update(readFileSync(path.join(chart, file)))
        .digest(),
    );
  }
  for (const { folder } of beside) hash.update(chartDigest(folder));
  return hash.digest('hex');
}

function filesOf(chart: string): string[] {
  return readdirSync(chart, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file !== '.git' && !file.startsWith('.git/') && statSync(path.join(chart, file)).isFile())
    .sort();
}
