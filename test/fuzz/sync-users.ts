import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Random } from './mutate.ts';

export type Side = 'local' | 'remote';

const names = ['a', 'b', '-rf', 'sp ace', 'line\nend', "it's", 'ünï', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a', 'x', 'x/y'];

/** The version that a file holds; each is written once. */
const idOf = (content: string): string => content.slice(0, content.indexOf('\n'));

/** Relative paths with their content; folders with a slash at the end; our own things left out. */
export function readTree(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry): [string, string][] => {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(root, file);
    if (/(^|\/)\.devspace/.test(name)) return [];
    if (entry.isDirectory()) return [[`${name}/`, '']];
    if (entry.isSymbolicLink()) return [[name, `-> ${readlinkSync(file)}`]];
    return [[name, `${(lstatSync(file).mode & 0o777).toString(8)} ${readFileSync(file, 'latin1')}`]];
  });
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * People who work on both sides at once, and remember what they wrote: a version that nobody who saw it has overwritten
 * or deleted must be somewhere in the end.
 */
export class SyncUsers {
  /** Every version that must not be lost, with what happened to it. */
  readonly live = new Map<string, string>();
  readonly trace: string[] = [];
  #written = 0;

  constructor(
    readonly roots: Readonly<Record<Side, string>>,
    readonly random: Random,
  ) {}

  /** One thing that somebody does on a side; without `mayRename` nothing is renamed to another place. */
  act(side: Side, mayRename = true): void {
    const { random } = this;
    const name = random.pick(names);
    const other = random.pick(names);
    const actions: (() => string)[] = [
      () => this.#write(side, name, 'in place'),
      () => this.#write(side, name, 'in place'),
      () => this.#write(side, name, mayRename ? 'by renaming' : 'in place'),
      () => this.#write(side, name, mayRename ? 'by renaming' : 'in place'),
      () => this.remove(side, name),
      () => (mayRename ? this.#rename(side, name, other) : 'nothing'),
      () => this.#mode(side, name),
      () => this.#link(side, name),
      () => this.#folder(side, name),
    ];
    let what: string;
    try {
      what = random.pick(actions)();
    } catch (error) {
      // a folder where a file would be, or nothing at all: the person sees it and does something else
      what = `${(error as NodeJS.ErrnoException).code}`;
    }
    this.trace.push(`${side} ${JSON.stringify(name)} ${what}`);
  }

  #write(side: Side, name: string, how: 'in place' | 'by renaming'): string {
    const file = path.join(this.roots[side], name);
    this.#written += 1;
    const id = `v${this.#written}`;
    const content = `${id}\n${'x'.repeat(this.random.pick([0, 3, 3, 3, 40, 5_000, 90_000]))}`;
    mkdirSync(path.dirname(file), { recursive: true });
    const gone = this.#seen(file);
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(file);
    if (how === 'in place') writeFileSync(file, content);
    else {
      const temporary = path.join(path.dirname(this.roots[side]), 'temporary');
      writeFileSync(temporary, content);
      renameSync(temporary, file);
    }
    this.#forget(gone);
    this.live.set(id, `written to ${name} at ${side}`);
    return `${id} ${how} over ${gone.join()}`;
  }

  /** Deletes a path and everything below it. */
  remove(side: Side, name: string): string {
    const file = path.join(this.roots[side], name);
    const gone = this.#seen(file);
    rmSync(file, { recursive: true, force: true });
    this.#forget(gone);
    return `deleted with ${gone.join()}`;
  }

  #rename(side: Side, name: string, to: string): string {
    const target = path.join(this.roots[side], to);
    mkdirSync(path.dirname(target), { recursive: true });
    const gone = name === to ? [] : this.#seen(target);
    renameSync(path.join(this.roots[side], name), target);
    this.#forget(gone);
    return `renamed to ${JSON.stringify(to)} over ${gone.join()}`;
  }

  #mode(side: Side, name: string): string {
    const file = path.join(this.roots[side], name);
    if (!lstatSync(file).isFile()) return 'no file';
    chmodSync(file, this.random.pick([0o644, 0o755, 0o600]));
    return 'mode';
  }

  #link(side: Side, name: string): string {
    const file = path.join(this.roots[side], name);
    const gone = this.#seen(file);
    rmSync(file, { force: true });
    this.#forget(gone);
    symlinkSync(this.random.pick(['nowhere', 'nobody']), file);
    return `link over ${gone.join()}`;
  }

  #folder(side: Side, name: string): string {
    mkdirSync(path.join(this.roots[side], name), { recursive: true });
    return 'folder';
  }

  /** The versions at a path, or below it. */
  #seen(file: string): string[] {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (!stat) return [];
    if (stat.isFile()) return [idOf(readFileSync(file, 'latin1'))];
    return stat.isDirectory() ? readdirSync(file).flatMap((name) => this.#seen(path.join(file, name))) : [];
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) this.live.delete(id);
  }
}

/** The versions in a folder, whatever the files are called. */
export function versionsIn(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.devspace'));
  return new Set(files.map((entry) => idOf(readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))));
}
