import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { parse, resolve } from 'node:path';
import { folderOf, type Tree } from './tree.ts';

/** From here on somebody has most likely forgotten to exclude something. */
const manyEntries = 100_000;
/** A folder of which one part holds so much stands for that part alone. */
const mostlyOnePart = 0.8;
const namedFolders = 3;
/** Smaller ones make no difference. */
const namedShare = 0.1;

export interface BigFolder {
  readonly folder: string;
  /** Entries below it. */
  readonly count: number;
}

/** What is to be said before a folder of this machine is read: `undefined` for all but the home folder and the root. */
export function warnOfFolder(localPath: string, home = homedir()): string | undefined {
  const isRoot = localPath === parse(localPath).root;
  if (!isRoot && localPath !== resolve(home) && localPath !== realPath(home)) return undefined;
  const whose = isRoot ? 'the root of this machine' : 'your home folder';
  return `${localPath} is ${whose}: all that is in it is read and copied into the container. If you did not mean that, stop and name a folder of your project in \`localSubPath\`.`;
}

function realPath(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}

/**
 * Looks at a tree that is being read, as often as one likes, and says once what is to be said about one with very many
 * entries: as soon as they are known, so that nobody waits for the rest. Names the folders that hold most.
 */
export function createSizeWarning(where: string, warn: (words: string) => void): (tree: Tree) => void {
  let isTold = false;
  return (tree) => {
    if (isTold || tree.size < manyEntries) return;
    isTold = true;
    const folders = selectBiggest(tree).filter(({ count }) => count >= namedShare * tree.size);
    const named = folders.map(({ folder, count }) => `${folder} (${count.toLocaleString('en')})`).join(', ');
    const line = folders.map(({ folder }) => JSON.stringify(`/${folder}/`)).join(', ');
    const most =
      folders.length === 0 ? '' : ` Most are in ${named}. What is not needed there: \`excludePaths: [${line}]\`.`;
    warn(
      `${where} has ${tree.size.toLocaleString('en')} entries and more, which takes long to read and to copy.${most}`,
    );
  };
}

/** The folders below which most entries lie, none inside another one, the largest first. */
export function selectBiggest(tree: Tree): BigFolder[] {
  const counts = new Map<string, number>();
  for (const name of tree.keys()) {
    for (let folder = folderOf(name); folder !== ''; folder = folderOf(folder)) {
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  const largest = [...counts].sort(([, a], [, b]) => b - a);
  const childOf = (parent: string, count: number) =>
    largest.find(([folder, part]) => folderOf(folder) === parent && part >= mostlyOnePart * count);
  const top = largest.filter(([folder]) => folderOf(folder) === '').slice(0, namedFolders);
  return top.map(([folder, count]) => {
    let found = { folder, count };
    for (let child = childOf(folder, count); child; child = childOf(found.folder, found.count)) {
      found = { folder: child[0], count: child[1] };
    }
    return found;
  });
}
