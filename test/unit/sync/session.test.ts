import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { userErrorOf } from '../../helpers/error-of.ts';
import { bothAre, eventually, type SyncBench, startBench, treeOf, warnings } from '../../helpers/sync-bench.ts';
import { writeFiles } from '../../helpers/temp-folder.ts';

test('at first each side gets what only the other has; the newer local file goes up; nothing is deleted', async () => {
  const bench = await startBench(({ local, remote }) => {
    writeFiles(local, { mine: 'm', 'd/mine': 'dm', newer: 'newer here', older: 'older here' });
    writeFiles(remote, { theirs: 't', 'd/theirs': 'dt', newer: 'old there', older: 'newer there' });
    mkdirSync(path.join(remote, 'empty'));
    for (const file of [path.join(remote, 'newer'), path.join(local, 'older')]) utimesSync(file, 1_000, 1_000);
  });
  await bench.handle.ready;
  const common = { 'd/': '', 'd/mine': 'dm', 'd/theirs': 'dt', 'empty/': '', mine: 'm', newer: 'newer here' };
  expect(treeOf(bench.remote)).toEqual({ ...common, older: 'newer there', theirs: 't' });
  expect(treeOf(bench.local)).toEqual({ ...common, older: 'older here', theirs: 't' });
});

test('edits, new files, renames and deletions go both ways, and none comes back', async () => {
  const bench = await startBench(({ local }) => writeFiles(local, { a: '1', 'd/b': '2', 'd/c': '3' }));
  await bench.handle.ready;
  const { local, remote } = bench;
  writeFileSync(path.join(local, 'a'), 'edited here');
  renameSync(path.join(local, 'd/b'), path.join(local, 'd/renamed'));
  mkdirSync(path.join(local, 'new/deep'), { recursive: true });
  writeFileSync(path.join(local, 'new/deep/file'), 'x');
  await bothAre(bench, {
    a: 'edited here',
    'd/': '',
    'd/c': '3',
    'd/renamed': '2',
    'new/': '',
    'new/deep/': '',
    'new/deep/file': 'x',
  });
  appendFileSync(path.join(remote, 'a'), ' and there');
  renameSync(path.join(remote, 'd/renamed'), path.join(remote, 'd/again'));
  rmSync(path.join(remote, 'new'), { recursive: true });
  await bothAre(bench, { a: 'edited here and there', 'd/': '', 'd/again': '2', 'd/c': '3' });
  expect(warnings(bench)).toEqual([]);
});

test('S22 an upload is never echoed back as a download, nor a download as an upload', async () => {
  const bench = await startBench(({ local, remote }) => {
    writeFiles(local, { up: 'x' });
    writeFiles(remote, { down: 'y' });
  });
  await bench.handle.ready;
  const inode = () => [statSync(path.join(bench.local, 'up')).ino, statSync(path.join(bench.remote, 'down')).ino];
  const before = inode();
  // a later change there is seen after at least one whole look at both sides
  writeFileSync(path.join(bench.remote, 'later'), 'z');
  await eventually(() => expect(existsSync(path.join(bench.local, 'later'))).toBe(true));
  expect(inode()).toEqual(before);
  const { lines } = bench.log;
  expect(lines.filter((line) => /Uploaded.*\bup\b/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => /Downloaded.*\bdown\b/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => /Uploaded.*(down|later)|Downloaded.*\bup\b/.test(line))).toEqual([]);
});

describe('file, folder and link change places', () => {
  test('here', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { file: 'x', 'folder/a': 'y', keep: 'k' }));
    await bench.handle.ready;
    rmSync(path.join(bench.local, 'file'));
    writeFiles(bench.local, { 'file/inside': 'z' });
    rmSync(path.join(bench.local, 'folder'), { recursive: true });
    writeFiles(bench.local, { folder: 'now a file' });
    await bothAre(bench, { 'file/': '', 'file/inside': 'z', folder: 'now a file', keep: 'k' });
  });

  test('in the container', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { file: 'x', 'folder/a': 'y', keep: 'k' }));
    await bench.handle.ready;
    rmSync(path.join(bench.remote, 'file'));
    writeFiles(bench.remote, { 'file/inside': 'z' });
    rmSync(path.join(bench.remote, 'folder'), { recursive: true });
    writeFiles(bench.remote, { folder: 'now a file' });
    await bothAre(bench, { 'file/': '', 'file/inside': 'z', folder: 'now a file', keep: 'k' });
    expect(bench.log.lines.filter((line) => line.includes('Trying again'))).toEqual([]);
  });

  test('a link in the container', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { a: 'x', b: 'y' }));
    await bench.handle.ready;
    rmSync(path.join(bench.remote, 'b'));
    symlinkSync('a', path.join(bench.remote, 'b'));
    await bothAre(bench, { a: 'x', b: 'link' });
  });

  test('a file there and a folder here at first: both stay with all that is in them', async () => {
    const bench = await startBench(({ local, remote }) => {
      writeFiles(local, { 'd/mine': 'm', a: 'a' });
      writeFiles(remote, { d: 'only copy', 'a/theirs': 't' });
    });
    await bench.handle.ready;
    await eventually(() => expect(warnings(bench)).toHaveLength(2));
    expect(treeOf(bench.remote)).toEqual({ 'a/': '', 'a/theirs': 't', d: 'only copy' });
    expect(treeOf(bench.local)).toEqual({ a: 'a', 'd/': '', 'd/mine': 'm' });
    // as soon as one of them goes, the other one arrives with all that is in it
    rmSync(path.join(bench.local, 'a'));
    rmSync(path.join(bench.remote, 'd'));
    await bothAre(bench, { 'a/': '', 'a/theirs': 't', 'd/': '', 'd/mine': 'm' });
  });
});

describe('excluded paths', () => {
  test('are left alone on both sides, and files of such a name are not', async () => {
    const bench = await startBench(
      ({ local, remote }) => {
        writeFiles(local, { 'node_modules/mine': 'm', build: 'a file named so', 'a.log': 'l', keep: 'k' });
        writeFiles(remote, { 'node_modules/theirs': 't', 'b.log': 'l' });
      },
      { config: { excludePaths: ['node_modules/', 'build/', '*.log'] } },
    );
    await bench.handle.ready;
    writeFileSync(path.join(bench.remote, 'later'), 'z');
    await eventually(() => expect(existsSync(path.join(bench.local, 'later'))).toBe(true));
    const common = { build: 'a file named so', keep: 'k', later: 'z', 'node_modules/': '' };
    expect(treeOf(bench.local)).toEqual({ ...common, 'a.log': 'l', 'node_modules/mine': 'm' });
    expect(treeOf(bench.remote)).toEqual({ ...common, 'b.log': 'l', 'node_modules/theirs': 't' });
  });

  test('of one direction are neither copied nor deleted in it', async () => {
    const bench = await startBench(
      ({ local, remote }) => {
        writeFiles(local, { 'up.tmp': 'u', 'x.gen': 'here' });
        writeFiles(remote, { 'down.tmp': 'd', 'y.gen': 'there' });
      },
      { config: { uploadExcludePaths: ['*.tmp'], downloadExcludePaths: ['*.gen'] } },
    );
    await bench.handle.ready;
    expect(treeOf(bench.remote)).toEqual({ 'down.tmp': 'd', 'x.gen': 'here', 'y.gen': 'there' });
    expect(treeOf(bench.local)).toEqual({ 'down.tmp': 'd', 'up.tmp': 'u', 'x.gen': 'here' });
  });
});

test('a link that leaves the folder is not followed and not written here', async () => {
  const bench = await startBench(({ remote }) => {
    symlinkSync('/etc/passwd', path.join(remote, 'absolute'));
    symlinkSync('../../outside', path.join(remote, 'above'));
    writeFiles(remote, { good: 'g' });
  });
  await bench.handle.ready;
  expect(treeOf(bench.local)).toEqual({ good: 'g' });
  expect(warnings(bench).sort()).toEqual([
    'warn sync: above is a link that leaves the folder',
    'warn sync: absolute is a link that leaves the folder',
  ]);
});

describe('an edit on both sides', () => {
  test('keeps the local version and says so', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { a: 'base', b: 'base' }));
    await bench.handle.ready;
    writeFileSync(path.join(bench.remote, 'a'), 'there, longer');
    writeFileSync(path.join(bench.local, 'a'), 'here');
    await bothAre(bench, { a: 'here', b: 'base' });
  });

  test.each(['container', 'local'] as const)('an edit beats a deletion: edited in %s', async (edited) => {
    const bench = await startBench(({ local }) => writeFiles(local, { a: 'base', b: 'base' }));
    await bench.handle.ready;
    const [edit, remove] = edited === 'local' ? [bench.local, bench.remote] : [bench.remote, bench.local];
    writeFileSync(path.join(edit, 'a'), 'the edited version');
    rmSync(path.join(remove, 'a'));
    await bothAre(bench, { a: 'the edited version', b: 'base' });
  });
});

describe('a folder that is suddenly gone or empty halts the synchronisation and deletes nothing', () => {
  const lose: readonly (readonly [string, (bench: SyncBench) => void, 'local' | 'remote'])[] = [
    ['the local folder is gone', ({ local }) => rmSync(local, { recursive: true }), 'remote'],
    ['the local folder is empty', ({ local }) => empty(local), 'remote'],
    ['the folder in the container is gone', ({ remote }) => rmSync(remote, { recursive: true }), 'local'],
    ['the folder in the container is empty', ({ remote }) => empty(remote), 'local'],
  ];
  const empty = (folder: string) => {
    // in one step for whoever looks: a folder that is emptied file by file is seen half empty
    const name = `${folder}.old`;
    renameSync(folder, name);
    mkdirSync(folder);
  };

  test.each(lose)('%s', async (_name, act, kept) => {
    const bench = await startBench(({ local }) => writeFiles(local, { a: '1', b: '2', 'd/c': '3' }));
    await bench.handle.ready;
    act(bench);
    const error = await userErrorOf(bench.handle.done);
    expect(error.code).toBe('SYNC_HALTED');
    expect(treeOf(bench[kept])).toEqual({ a: '1', b: '2', 'd/': '', 'd/c': '3' });
  });
});

describe('a lost link', () => {
  test('is opened again, and what happened meanwhile is made up for', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { a: '1' }));
    await bench.handle.ready;
    bench.container.cut();
    writeFileSync(path.join(bench.local, 'while-away'), 'x');
    await eventually(() => expect(treeOf(bench.remote)).toEqual({ a: '1', 'while-away': 'x' }));
    await eventually(() => expect(warnings(bench)).toHaveLength(1));
  });

  test('to a folder that was made anew meanwhile deletes no local file', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { a: '1', 'd/b': '2', 'd/c': '3' }));
    await bench.handle.ready;
    bench.container.isAway = true;
    bench.container.cut();
    // no agent is left that would see it; the new folder gets the inode of the old one on many file systems
    await eventually(() => expect(bench.container.running.size).toBe(0));
    rmSync(bench.remote, { recursive: true });
    mkdirSync(bench.remote);
    writeFiles(bench.remote, { 'from-image': 'i' });
    bench.container.isAway = false;
    await bothAre(bench, { a: '1', 'd/': '', 'd/b': '2', 'd/c': '3', 'from-image': 'i' });
  });

  test('S23 to a container that starts anew deletes no local file', async () => {
    const env = { DEVSPACE_SYNC_IDENTITY: 'first' };
    const bench = await startBench(({ local }) => writeFiles(local, { a: '1', 'd/b': '2' }), { container: { env } });
    await bench.handle.ready;
    // the container dies and comes back from its image, in which the files never were; its first process is another
    // one, which here, where nothing starts anew, must be said: the new folder may have the inode of the old one
    env.DEVSPACE_SYNC_IDENTITY = 'second';
    bench.container.cut();
    rmSync(bench.remote, { recursive: true });
    mkdirSync(bench.remote);
    writeFiles(bench.remote, { 'from-image': 'i' });
    await bothAre(bench, { a: '1', 'd/': '', 'd/b': '2', 'from-image': 'i' });
  });
});

test('S18 what is excluded is neither copied nor deleted, and keeps its folder', async () => {
  const excludePaths = ['*.log', 'node_modules/', '!keep.log'];
  const bench = await startBench(
    ({ local, remote }) => {
      writeFiles(local, { 'd/a': '1', 'd/mine.log': 'here', 'keep.log': 'k', 'node_modules/x': 'here' });
      writeFiles(remote, { 'd/theirs.log': 'there', 'node_modules/x': 'there' });
    },
    { config: { excludePaths } },
  );
  await bench.handle.ready;
  rmSync(path.join(bench.local, 'd'), { recursive: true });
  rmSync(path.join(bench.local, 'node_modules'), { recursive: true });
  await eventually(() => expect(existsSync(path.join(bench.remote, 'd/a'))).toBe(false));
  rmSync(path.join(bench.remote, 'keep.log'));
  await eventually(() => expect(existsSync(path.join(bench.local, 'keep.log'))).toBe(false));
  const left = { 'd/': '', 'd/theirs.log': 'there', 'node_modules/': '', 'node_modules/x': 'there' };
  expect(treeOf(bench.remote)).toEqual(left);
});

test('S11 a reader in the container sees no torn file and no moment without it', async () => {
  const version = (letter: string) => letter.repeat(300_000);
  const bench = await startBench(({ local }) => writeFiles(local, { big: version('a'), other: 'x' }));
  await bench.handle.ready;
  const file = path.join(bench.remote, 'big');
  const seen = new Set<string>();
  let torn = 0;
  for (const letter of ['b', 'c', 'd']) {
    writeFileSync(path.join(bench.local, 'big'), version(letter));
    while (!seen.has(letter)) {
      const content = readFileSync(file, 'latin1');
      const first = content.slice(0, 1);
      if (content !== version(first)) torn += 1;
      seen.add(first);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  expect(torn).toBe(0);
});

test('a large file that is edited while it is on its way arrives, and holds up no other', async () => {
  const bench = await startBench(({ local }) => writeFiles(local, { small: '1' }), {
    config: { bandwidthLimits: { upload: 20_000 } },
  });
  await bench.handle.ready;
  const content = (turn: number) => `${turn}`.repeat(9 * 1024 * 1024);
  for (const turn of [1, 2, 3]) {
    writeFileSync(path.join(bench.local, 'large'), content(turn));
    writeFileSync(path.join(bench.local, 'small'), `${turn}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await bothAre(bench, { large: content(3), small: '3' });
});

test('S25 close ends everything, twice too', async () => {
  const bench = await startBench(({ local }) => writeFiles(local, { a: '1' }));
  await bench.handle.ready;
  await bench.handle.close();
  await bench.handle.close();
  await bench.handle.done;
  await eventually(() => expect(bench.container.running.size).toBe(0));
  expect(readdirSync(bench.remote)).toEqual(['.devspace', 'a']);
});
