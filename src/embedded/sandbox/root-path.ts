import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { ResolvedImage } from '../images/image.ts';

/** The file systems that a container's root is made of, highest first. */
export interface RootLayers {
  readonly layers: readonly string[];
  /** The lowest layers below everything but `/usr`, and below `/usr`. */
  readonly base: string;
  readonly usr: string;
}

export function toRootLayers(stateFolder: string, image: ResolvedImage): RootLayers {
  return {
    layers: [...image.layers].reverse(),
    base: path.join(stateFolder, 'base'),
    usr: path.join(stateFolder, 'base-usr'),
  };
}

/**
 * The path in the container without symbolic links, as its process would reach it. Mounts are made at that path from
 * outside, where a link such as `/var/run → /run` would lead to the folder of this machine.
 */
export function resolveInRoot(root: RootLayers, target: string): string {
  let done = '/';
  let rest = target.split('/').filter((part) => part !== '' && part !== '.');
  for (let links = 0; rest.length > 0 && links < 40; ) {
    const [part = '', ...others] = rest;
    rest = others;
    if (part === '..') {
      done = path.dirname(done);
      continue;
    }
    const next = path.join(done, part);
    const found = findInRoot(root, next);
    if (found?.stats.isSymbolicLink()) {
      links += 1;
      const to = readlinkSync(found.file);
      if (to.startsWith('/')) done = '/';
      rest = [...to.split('/').filter((word) => word !== '' && word !== '.'), ...rest];
    } else done = next;
  }
  return done;
}

/** The text of a file of the container before it starts; `undefined` if it is missing. */
export function readInRoot(root: RootLayers, file: string): string | undefined {
  const found = findInRoot(root, resolveInRoot(root, file));
  return found?.stats.isFile() ? readFileSync(found.file, 'utf8') : undefined;
}

function findInRoot(root: RootLayers, file: string): { file: string; stats: Stats } | undefined {
  const lowest = file === '/usr' || file.startsWith('/usr/') ? [root.usr, '/'] : [root.base];
  for (const layer of [...root.layers, ...lowest]) {
    const candidate = path.join(layer, file);
    const stats = statsOf(candidate);
    // a character device is how an overlay says "removed"
    if (stats) return stats.isCharacterDevice() ? undefined : { file: candidate, stats };
  }
  return undefined;
}
/** `undefined` also when a file stands where the path wants a folder. */
function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch {
    return undefined;
  }
}
