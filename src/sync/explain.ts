import { readlinkSync } from 'node:fs';
import path from 'node:path';
import type { SyncConfig } from '../config/types.ts';
import { decidingPattern, isOurOwn, type PatternList } from './excludes.ts';
import { linkLeavesRoot } from './local-side.ts';
import { readLocalEntry } from './local-tree.ts';
import { loadMemory } from './memory.ts';
import type { Agreement } from './plan.ts';
import { readPatternLists } from './restrict-plan.ts';
import { toFolderEntry } from './single-file.ts';
import { stateOf } from './start-sync.ts';
import type { TreeEntry } from './tree.ts';

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
export function explainPath(name: string, entry: SyncConfig, stateFolder: string): Explanation {
  const config = toFolderEntry(entry);
  const plain = name.replace(/^(\.\/)+|\/+$/g, '');
  const here = readLocalEntry(config.localPath, plain);
  const type = here?.type ?? (name.endsWith('/') ? 'directory' : 'file');
  const { both, upload, download } = readPatternLists(config);
  const rule = (lists: readonly PatternList[]): string | undefined => {
    const found = decidingPattern(lists, plain, type);
    return found && `the pattern ${found.pattern} of ${found.source}`;
  };
  const leaves = here?.type === 'symlink' && linkLeavesRoot(plain, readlinkSync(path.join(config.localPath, plain)));
  const always = isOurOwn(plain) ? 'it belongs to DevSpace itself' : rule(both);
  const whyNotUp = always ?? (config.disableUpload ? 'disableUpload is set' : rule(upload));
  const whyNotDown = always ?? (config.disableDownload ? 'disableDownload is set' : rule(download));
  return {
    upload: toVerdict(whyNotUp ?? (leaves ? 'it is a link that leaves the folder' : undefined)),
    download: toVerdict(whyNotDown),
    state: stateText(here, loadMemory(stateOf(config, stateFolder).file).agreed.get(plain)),
  };
}

const toVerdict = (whyNot: string | undefined): Verdict => ({
  isCarried: whyNot === undefined,
  because: whyNot ?? 'no pattern excludes it',
});

function stateText(here: TreeEntry | undefined, known: Agreement | undefined): string {
  if (!known) return here ? 'it is here, and was not synchronised yet' : 'it is not here, and was not synchronised yet';
  if (!here) return 'it was deleted here since both sides were equal last';
  return here.fingerprint === known.local
    ? 'it is as it was when both sides were equal last'
    : 'it was edited here since';
}
