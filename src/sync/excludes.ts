import ignore from 'ignore';

/** Says whether a path is left alone. Folders are asked with `directory`, since `name/` fits folders only. */
export type Excludes = (path: string, type: 'file' | 'directory' | 'symlink') => boolean;

/** Our own things are never synchronised, whatever the patterns say. */
const ownNames = /(^|\/)\.devspace(\/|$)|(^|\/)\.devspace-sync\./;

/** Patterns in gitignore syntax, relative to the root of the sync. */
export function createExcludes(patterns: readonly string[]): Excludes {
  const rules = ignore({ ignorecase: false }).add([...patterns]);
  return (path, type) => ownNames.test(path) || rules.ignores(type === 'directory' ? `${path}/` : path);
}

/**
 * Names of folders that the container's listing need not enter, such as `node_modules` for `node_modules/`. Only
 * patterns that mean the same to `find` are taken; the others are applied to the listing.
 */
export function prunableNames(patterns: readonly string[]): string[] {
  if (patterns.some((pattern) => pattern.startsWith('!'))) return [];
  return patterns.map((pattern) => pattern.replace(/\/$/, '')).filter((name) => /^[\w.@+-]+$/.test(name));
}
