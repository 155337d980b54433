import { readdirSync } from 'node:fs';
import path from 'node:path';
import ignore from '@balena/dockerignore';
import { type ContextFile, toFile } from '../context.ts';

/**
 * The files that the patterns of `onChange` match, sorted, with names relative to the folder. A pattern that names a
 * folder matches all that is in it. Our own `.devspace` never counts.
 */
export function matchingFiles(folder: string, patterns: readonly string[]): ContextFile[] {
  const found = new Map<string, ContextFile>();
  for (const pattern of patterns) {
    const { base, rest } = split(pattern);
    const root = path.resolve(folder, base);
    const matches = rest === '' ? () => true : matcherOf(rest);
    for (const file of filesBelow(root, '')) {
      if (!matches(file.name)) continue;
      const name = path.relative(folder, file.absolute).split(path.sep).join('/');
      found.set(name, { ...file, name });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The part before the first wildcard, so that only its folder is looked through. */
function split(pattern: string): { readonly base: string; readonly rest: string } {
  const parts = pattern.replaceAll('\\', '/').split('/');
  const wild = parts.findIndex((part) => /[*?[]/.test(part));
  if (wild < 0) return { base: pattern, rest: '' };
  return {
    base: parts.slice(0, wild).join('/') || (pattern.startsWith('/') ? '/' : '.'),
    rest: parts.slice(wild).join('/'),
  };
}

function matcherOf(pattern: string): (name: string) => boolean {
  const rules = ignore().add(pattern);
  return (name) => rules.ignores(name);
}

function* filesBelow(root: string, name: string): Generator<ContextFile> {
  const file = toFileIfThere(root, name);
  if (file?.type !== 'directory') {
    if (file) yield file;
    return;
  }
  for (const entry of readdirSync(file.absolute).sort()) {
    if (entry !== '.devspace') yield* filesBelow(root, name === '' ? entry : `${name}/${entry}`);
  }
}

function toFileIfThere(root: string, name: string): ContextFile | undefined {
  try {
    return toFile(root, name);
  } catch {
    // a file that is not there is a change, too: it does not count in the key
    return undefined;
  }
}
