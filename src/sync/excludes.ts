import { readFileSync } from 'node:fs';
import path from 'node:path';
import ignore from 'ignore';
import { systemErrorCode, UserError } from '../core/errors.ts';

/** Says whether a path is left alone. Folders are asked with `directory`, since `name/` fits folders only. */
export type Excludes = (path: string, type: 'file' | 'directory' | 'symlink') => boolean;

/** Our own things are never synchronised, whatever the patterns say. */
const ownNames = /(^|\/)\.devspace(\/|$)|(^|\/)\.devspace-sync\./;

export const isOurOwn = (name: string): boolean => name.includes('.devspace') && ownNames.test(name);

/** Patterns in gitignore syntax, relative to the root of the sync. */
export function createExcludes(patterns: readonly string[]): Excludes {
  // asked for every path of every look, mostly without any pattern
  if (patterns.length === 0) return isOurOwn;
  const rules = ignore({ ignorecase: false }).add([...patterns]);
  return (name, type) => isOurOwn(name) || rules.ignores(type === 'directory' ? `${name}/` : name);
}

/** Patterns with the words for where they stand. */
export interface PatternList {
  readonly source: string;
  readonly patterns: readonly string[];
}

/** The pattern by which a path, or the folder it lies in, is excluded, with its source; `undefined` if none does. */
export function decidingPattern(
  lists: readonly PatternList[],
  name: string,
  type: Parameters<Excludes>[1],
): { readonly pattern: string; readonly source: string } | undefined {
  const marked = lists.flatMap(({ source, patterns }) => patterns.map((pattern) => ({ pattern, mark: source })));
  const { rule } = ignore({ ignorecase: false })
    .add(marked)
    .test(type === 'directory' ? `${name}/` : name);
  return rule && { pattern: rule.pattern, source: rule.mark ?? '' };
}

/**
 * The patterns of an exclude file, one in each line, as `.gitignore` has them. The path is relative to the local folder
 * of the sync (our reference, `spec-sync.md` section 4.3). Fails with `SYNC_PATH` if it cannot be read.
 */
export function readExcludeFile(root: string, file: string): string[] {
  try {
    const text = readFileSync(path.resolve(root, file), 'utf8').replace(/^\ufeff/, '');
    return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  } catch (error) {
    const code = systemErrorCode(error) ?? String(error);
    throw new UserError('SYNC_PATH', `The exclude file ${path.resolve(root, file)} cannot be read (${code}).`, {
      hint: 'Correct `excludeFile`, or create the file.',
      cause: error,
    });
  }
}

/**
 * Names of folders that the container's listing need not enter, such as `node_modules` for `node_modules/`. Only
 * patterns that mean the same to `find` are taken; the others are applied to the listing.
 */
export function prunableNames(patterns: readonly string[]): string[] {
  if (patterns.some((pattern) => pattern.startsWith('!'))) return [];
  return patterns.map((pattern) => pattern.replace(/\/$/, '')).filter((name) => /^[\w.@+-]+$/.test(name));
}
