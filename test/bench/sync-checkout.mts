import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawUpload, sh, startSyncing } from './sync-cluster.mts';

const fileCount = 5_000;
const goneCount = fileCount / 4;
const target = '/tmp/checkout';

/** In `first`, a quarter is in folders that `second` lacks, which has as many in new ones and all others edited. */
const nameOf = (index: number, branch: 'first' | 'second'): string =>
  `${branch === 'second' && index < goneCount ? 'new' : 'd'}${Math.floor(index / 50)}/f${index}.txt`;

const names = (branch: 'first' | 'second'): string[] =>
  Array.from({ length: fileCount }, (_, index) => nameOf(index, branch));

function writeBranch(folder: string, branch: 'first' | 'second'): void {
  for (const name of names(branch)) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), `${`${branch} ${name}\n`.padEnd(2047, branch)}\n`);
  }
}

export interface CheckoutTimes {
  /** Milliseconds from the start of `git checkout` until everything was in the container. */
  readonly arrived: number[];
  /** Milliseconds of a raw copy of all files, just before: how fast the container's disk is then. */
  readonly raw: number[];
  /** What `git status` says here at the end; empty if nothing changed. */
  readonly status: string;
}

/** `git checkout` there and back between two trees of 5,000 files, so many times. */
export async function timeCheckouts(base: string, times: number): Promise<CheckoutTimes> {
  const folder = path.join(base, 'checkout');
  mkdirSync(folder);
  const settings = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'gc.auto=0'];
  const git = (...words: string[]) => execFileSync('git', [...settings, ...words], { cwd: folder, encoding: 'utf8' });
  git('init', '-q', '-b', 'first');
  writeBranch(folder, 'first');
  git('add', '.');
  git('commit', '-qm', 'first');
  git('checkout', '-qb', 'second');
  git('rm', '-rq', ...new Set(names('first').slice(0, goneCount).map((name) => path.dirname(name))));
  writeBranch(folder, 'second');
  git('add', '.');
  git('commit', '-qm', 'second');
  const syncing = startSyncing(folder, target, ['--exclude', '.git/']);
  const arrived: number[] = [];
  const raw: number[] = [];
  try {
    await syncing.ready;
    for (let index = 0; index < times; index += 1) {
      raw.push(await rawUpload(folder, `/tmp/raw-${index}`, visible(folder)));
      await sleep(3_000);
      const branch = index % 2 === 0 ? 'first' : 'second';
      const startedAt = performance.now();
      git('checkout', '-q', branch);
      arrived.push((await arrivedAt(branch)) - startedAt);
      await verify(folder, branch);
    }
  } finally {
    await syncing.stop();
  }
  const status = git('status', '--short');
  rmSync(folder, { recursive: true });
  return { arrived, raw, status };
}

const visible = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('.'));

/** Looks at the number of files and at every hundredth one: a look at all of them would take the time that is measured. */
async function arrivedAt(branch: 'first' | 'second'): Promise<number> {
  const some = names(branch).filter((_, index) => index % 100 === 99);
  const look = `cd ${target} && find . -name .devspace -prune -o -type f -print | wc -l && cat ${some.join(' ')} | grep -c '^${branch} '`;
  const wanted = `${fileCount} ${some.length}`;
  for (const until = performance.now() + 60_000; performance.now() < until; ) {
    const seen = (await sh(`{ ${look}; } 2>/dev/null; true`)).trim().split(/\s+/).join(' ');
    if (seen === wanted) return performance.now();
    await sleep(50);
  }
  throw new Error('the checkout did not arrive within a minute');
}

/** All of it is there as it is here. */
async function verify(folder: string, branch: 'first' | 'second'): Promise<void> {
  const sum = "find d* new* -type f -exec md5sum {} + 2>/dev/null | sort | md5sum | cut -d' ' -f1";
  for (let tries = 0; ; tries += 1) {
    const here = execFileSync('sh', ['-c', `export LC_ALL=C; ${sum}`], { cwd: folder, encoding: 'utf8' });
    if ((await sh(`export LC_ALL=C; cd ${target}; ${sum}`)) === here) return;
    if (tries > 50) throw new Error(`the container has not what ${branch} has`);
    await sleep(200);
  }
}
