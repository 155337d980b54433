import { readlinkSync } from 'node:fs';
import path from 'node:path';
import type { SyncConfig } from '../config/types.ts';
import { decidingPattern, isOurOwn, type PatternList, readExcludeFile } from './excludes.ts';
import { linkLeavesRoot } from './local-side.ts';
import { readLocalEntry } from './local-tree.ts';
import { loadMemory } from './memory.ts';
import { stateOf } from './start-sync.ts';

export interface Verdict {
  readonly isCarried: boolean;
  /** The rule that decided, in words. */
  readonly because: string;
}

/** What one entry does with a path, and why. */
export interface Explanation {
  readonly upload: Verdict;
  readonly download: Verdict;
  /** What is known of it here and in the container. */
  readonly state: string;
}

/** Says what an entry does with a path below its local folder, and which rule decides that. Contacts no cluster. */
export function explainPath(name: string, config: SyncConfig, stateFolder: string): Explanation {
  const plain = name.replace(/^(\.\/)+|\/+$/g, '');
  const entry = readLocalEntry(config.localPath, plain);
  const type = entry?.type ?? (name.endsWith('/') ? 'directory' : 'file');
  const fromFile = (key: string, file: string | undefined): PatternList => ({
    source: `${key} ${file ?? ''}`.trimEnd(),
    patterns: readExcludeFile(config.localPath, file),
  });
  const rule = (lists: readonly PatternList[]): string | undefined => {
    const found = decidingPattern(lists, plain, type);
    return found && `the pattern ${found.pattern} of ${found.source}`;
  };
  const both = [{ source: 'excludePaths', patterns: config.excludePaths }, fromFile('excludeFile', config.excludeFile)];
  const isLink = entry?.type === 'symlink' && linkLeavesRoot(plain, readlinkSync(path.join(config.localPath, plain)));
  const always = isOurOwn(plain) ? 'it belongs to DevSpace itself' : rule(both);
  const verdict = (isOff: boolean, key: string, lists: readonly PatternList[]): Verdict => {
    const because = always ?? (isOff ? `${key} is set` : rule(lists));
    return because === undefined
      ? { isCarried: true, because: 'no pattern excludes it' }
      : { isCarried: false, because };
  };
  const upload = verdict(config.disableUpload, 'disableUpload', [
    { source: 'uploadExcludePaths', patterns: config.uploadExcludePaths },
    fromFile('uploadExcludeFile', config.uploadExcludeFile),
  ]);
  const download = verdict(config.disableDownload, 'disableDownload', [
    { source: 'downloadExcludePaths', patterns: config.downloadExcludePaths },
    fromFile('downloadExcludeFile', config.downloadExcludeFile),
  ]);
  return {
    upload: isLink && upload.isCarried ? { isCarried: false, because: 'it is a link that leaves the folder' } : upload,
    download,
    state: stateText(plain, config, stateFolder),
  };
}

function stateText(name: string, config: SyncConfig, stateFolder: string): string {
  const here = readLocalEntry(config.localPath, name);
  const known = loadMemory(stateOf(config, stateFolder).file).agreed.get(name);
  if (!known) return here ? 'it is here, and was not synchronised yet' : 'it is not here, and was not synchronised yet';
  if (!here) return 'it was deleted here since both sides were equal last';
  return here.fingerprint === known.local
    ? 'it is as it was when both sides were equal last'
    : 'it was edited here since';
}
