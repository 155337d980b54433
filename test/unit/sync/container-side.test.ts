import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { packEntries } from '../../../src/archive/pack.ts';
import type { AgentOptions } from '../../../src/sync/agent.ts';
import { type ContainerSide, openContainerSide } from '../../../src/sync/container-side.ts';
import { prunableNames } from '../../../src/sync/excludes.ts';
import { emptyPacked, packLocal } from '../../../src/sync/pack-local.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';
import type { TreeEntry } from '../../../src/sync/tree.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { type LocalContainer, localContainer, shells } from '../../helpers/local-container.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';
import { unpack } from '../../helpers/unpack.ts';

const ref = { namespace: 'dev', pod: 'app-1', container: 'app' };

const optionsFor = (container: LocalContainer, root: string, excludePaths: readonly string[]): AgentOptions => ({
  kube: container.kube,
  container: ref,
  path: root,
  prune: prunableNames(excludePaths),
  signal: new AbortController().signal,
});

async function open(
  shell: readonly string[],
  root: string,
  excludePaths: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  const container = localContainer({ shell, env });
  const side = await openContainerSide(optionsFor(container, root, excludePaths));
  onTestFinished(async () => {
    side.close();
    await vi.waitFor(() => expect(container.running.size).toBe(0));
  });
  return { side, container };
}

async function listed(side: ContainerSide): Promise<Map<string, TreeEntry>> {
  const listing = await side.list('');
  return new Map((listing?.entries ?? []).flatMap(({ name, entry }) => (entry ? [[name, entry] as const] : [])));
}

const names = async (side: ContainerSide) => [...(await listed(side)).keys()].sort();

/** Uploads and places; returns what is at the places then. */
async function send(side: ContainerSide, local: string, paths: readonly string[]): Promise<Map<string, TreeEntry>> {
  const before = await listed(side);
  const packed = emptyPacked();
  const stage = await side.upload(Readable.from(packLocal(local, paths, { packed })));
  const placings = [...packed.entries].map(([name, { type }]) => ({ name, type, before: before.get(name) }));
  const { entries, kept } = await side.place(stage, placings);
  expect([...kept]).toEqual([]);
  return new Map(entries.flatMap(({ name, entry }) => (entry ? [[name, entry] as const] : [])));
}

function editedInBetween(shell: readonly string[]): void {
  describe('what is edited between the last look and the move', () => {
    /** A `mv` which lets somebody edit a file just before it does its work. */
    function editedBeforeMove(file: string): { PATH: string } {
      const bin = tempFolder();
      const script = `#!/bin/sh\nif [ -e ${file} ]; then printf 'the only copy' >${file}; fi\nexec /bin/mv "$@"\n`;
      writeFileSync(path.join(bin, 'mv'), script, { mode: 0o755 });
      return { PATH: `${bin}:${process.env['PATH']}` };
    }

    test.each([
      ['alone', []],
      ['with others, one of which makes all go one by one', ['other']],
    ])('is kept where it should be replaced, %s', async (_how, stale) => {
      const [local, root] = [tempFolder(), tempFolder()];
      writeFiles(local, { 'd/a': 'mine', b: 'mine', other: 'mine' });
      writeFiles(root, { 'd/a': 'old', b: 'old', other: 'old' });
      const { side } = await open(shell, root, [], editedBeforeMove(path.join(root, 'd/a')));
      const before = await listed(side);
      const packed = emptyPacked();
      const stage = await side.upload(Readable.from(packLocal(local, ['d/a', 'b', 'other'], { packed })));
      for (const name of stale) writeFileSync(path.join(root, name), 'theirs');
      const placings = [...packed.entries].map(([name, { type }]) => ({ name, type, before: before.get(name) }));
      const { kept, entries } = await side.place(stage, placings);
      expect([...kept].sort()).toEqual(['d/a', ...stale]);
      expect(readFileSync(path.join(root, 'd/a'), 'utf8')).toBe('the only copy');
      expect(readFileSync(path.join(root, 'b'), 'utf8')).toBe('mine');
      expect(entries.find(({ name }) => name === 'd/a')?.entry?.size).toBe('the only copy'.length);
    });

    test.each([
      ['alone', []],
      ['with others, one of which makes all go one by one', ['other']],
    ])('is kept where it should be deleted, %s', async (_how, stale) => {
      const root = tempFolder();
      writeFiles(root, { 'd/a': 'old', 'd/b': 'old', other: 'old' });
      const { side } = await open(shell, root, [], editedBeforeMove(path.join(root, 'd/a')));
      const before = await listed(side);
      for (const name of stale) writeFileSync(path.join(root, name), 'theirs');
      const still = await side.delete(['d/a', 'd/b', 'd', 'other'], (name) => before.get(name));
      expect(still.map(({ name }) => name).sort()).toEqual(['d', 'd/a', ...stale]);
      expect(readFileSync(path.join(root, 'd/a'), 'utf8')).toBe('the only copy');
      expect(existsSync(path.join(root, 'd/b'))).toBe(false);
    });
  });
}

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('with %s', (_name, shell) => {
  test('lists files, folders and links, and says when nothing changed', async () => {
    const root = tempFolder();
    writeFiles(root, {
      'a.txt': 'four',
      'd/b': '',
      'line\nend': 'x',
      ' two  spaces ': 'x',
      '-n': 'x',
      'ünï"$(x)': 'x',
    });
    symlinkSync('a.txt', path.join(root, 'link'));
    const { side } = await open(shell, root);
    expect(side.root).toBe(root);
    const first = await side.list('');
    const tree = await listed(side);
    expect([...tree.keys()].sort()).toEqual(
      ['a.txt', 'd', 'd/b', 'line\nend', ' two  spaces ', '-n', 'ünï"$(x)', 'link'].sort(),
    );
    expect(first?.partial).toBe(false);
    const { size, mode, mtimeMs } = statSync(path.join(root, 'a.txt'));
    expect(tree.get('a.txt')).toMatchObject({ size, mode: mode & 0o7777, mtime: Math.floor(mtimeMs / 1000) });
    const view = new SyncView(() => false, ['node_modules']);
    if (first) view.noteListing(first, view.now);
    // the container compares with what we think that it has, so that nothing is sent
    expect(await side.list(view.digest())).toBeUndefined();
    writeFileSync(path.join(root, 'a.txt'), 'more than four');
    expect(await side.list(view.digest())).toBeDefined();
    expect((await listed(side)).get('a.txt')?.fingerprint).not.toBe(tree.get('a.txt')?.fingerprint);
  });

  test('tells what changed: edits, new files, deletions, renames, a folder that was moved in', async () => {
    const [root, outside] = [tempFolder(), tempFolder()];
    writeFiles(root, { a: '1', 'd/b': '2', 'd/c': '3', 'e/f': '4', 'node_modules/x': '5' });
    writeFiles(outside, { 'moved/deep/x': 'x' });
    const { side } = await open(shell, root, ['node_modules/']);
    const listing = await side.list('');
    const view = new SyncView(() => false, ['node_modules']);
    if (listing) view.noteListing(listing, view.now);
    const look = async () => {
      const asked = view.now;
      let unknown = view.noteNews(await side.changed(), asked);
      while (unknown.length > 0) unknown = view.noteNews(await side.listFolders(unknown), asked);
      return [...view.container.entries.keys()].sort();
    };
    await look();
    view.dirty.clear();
    writeFileSync(path.join(root, 'a'), 'edited');
    writeFileSync(path.join(root, 'd/new'), 'new');
    rmSync(path.join(root, 'd/b'));
    renameSync(path.join(root, 'd/c'), path.join(root, 'e/c'));
    renameSync(path.join(outside, 'moved'), path.join(root, 'moved'));
    writeFileSync(path.join(root, 'node_modules/y'), 'not listed');
    expect(await look()).toEqual(['a', 'd', 'd/new', 'e', 'e/c', 'e/f', 'moved', 'moved/deep', 'moved/deep/x'].sort());
    expect(view.dirty).toEqual(new Set(['a', 'd/new', 'd/b', 'd/c', 'e/c', 'moved', 'moved/deep', 'moved/deep/x']));
    view.dirty.clear();
    await look();
    expect([...view.dirty]).toEqual([]);
  });

  test('an empty folder is an empty tree, a missing one is made', async () => {
    const root = path.join(tempFolder(), 'new/folder');
    const { side } = await open(shell, root);
    expect(await names(side)).toEqual([]);
    expect(existsSync(root)).toBe(true);
  });

  test('excluded folders are not entered, files of the same name are listed', async () => {
    const root = tempFolder();
    writeFiles(root, { 'node_modules/x/y': '', 'd/node_modules': 'a file', 'd/tmp': 'a file', 'e/tmp/z': '' });
    const { side } = await open(shell, root, ['node_modules/', 'tmp/']);
    expect(await names(side)).toEqual(['d', 'd/node_modules', 'd/tmp', 'e']);
  });

  test('uploads files, folders and links as they are here', async () => {
    const [local, root] = [tempFolder(), tempFolder()];
    writeFiles(local, {
      'a.txt': 'hello',
      'd/run.sh': '#!/bin/sh\n',
      'line\nend': 'x',
      '-rf': 'x',
      [`${'deep/'.repeat(30)}${'n'.repeat(120)}`]: 'long',
      big: Buffer.alloc(3_000_000, 'b'),
    });
    mkdirSync(path.join(local, 'empty'));
    chmodSync(path.join(local, 'd/run.sh'), 0o755);
    symlinkSync('d/run.sh', path.join(local, 'link'));
    const { side, container } = await open(shell, root);
    const deep = [...Array(30).keys()].map((depth) => 'deep/'.repeat(depth + 1).slice(0, -1));
    const paths = ['a.txt', 'd', 'd/run.sh', 'empty', 'line\nend', '-rf', 'link', 'big', ...deep];
    const long = `${deep.at(-1)}/${'n'.repeat(120)}`;
    const placed = await send(side, local, [...paths, long]);
    expect([...placed.keys()].sort()).toEqual([...paths, long].sort());
    expect(readFileSync(path.join(root, 'a.txt'), 'utf8')).toBe('hello');
    expect(readFileSync(path.join(root, 'big')).equals(readFileSync(path.join(local, 'big')))).toBe(true);
    expect(statSync(path.join(root, 'd/run.sh')).mode & 0o777).toBe(0o755);
    expect(readFileSync(path.join(root, long), 'utf8')).toBe('long');
    // what the upload answers is what the next listing says, or it would be taken for a change of the container
    const tree = await listed(side);
    for (const [name, entry] of placed) expect(tree.get(name)?.fingerprint, name).toBe(entry.fingerprint);
    expect(readdirSync(root).filter((name) => name.startsWith('.devspace-sync'))).toEqual([]);
    expect(container.running.size).toBe(2);
  });

  test('an upload that is cut places nothing', async () => {
    const root = tempFolder();
    writeFiles(root, { a: 'old' });
    const { side } = await open(shell, root);
    const archive = packEntries([
      { type: 'file', name: 'a', mode: 0o644, mtime: new Date(), size: 3, content: Buffer.from('new') },
      { type: 'file', name: 'b', mode: 0o644, mtime: new Date(), size: 100_000, content: Buffer.alloc(100_000) },
    ]);
    const half = (await buffer(archive)).subarray(0, 40_000);
    const cut = Readable.from(
      (async function* () {
        yield half;
        throw new Error('the disk is gone');
      })(),
    );
    await expect(side.upload(cut)).rejects.toThrow('the disk is gone');
    await vi.waitFor(() => expect(readdirSync(root)).toEqual(['.devspace', 'a']));
    expect(readdirSync(path.join(root, '.devspace'))).toEqual(['.gitignore', 'sync-id']);
    expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('old');
  });

  test('places only where nothing has changed, and says what it kept', async () => {
    const [local, root] = [tempFolder(), tempFolder()];
    writeFiles(local, { edited: 'mine', same: 'mine', 'd/new': 'mine', appeared: 'mine' });
    writeFiles(root, { edited: 'old', same: 'old' });
    const { side } = await open(shell, root);
    const before = await listed(side);
    const packed = emptyPacked();
    const names = ['edited', 'same', 'd', 'd/new', 'appeared'];
    const stage = await side.upload(Readable.from(packLocal(local, names, { packed })));
    writeFileSync(path.join(root, 'edited'), 'theirs');
    writeFileSync(path.join(root, 'appeared'), 'theirs');
    const placings = [...packed.entries].map(([name, { type }]) => ({ name, type, before: before.get(name) }));
    const { kept } = await side.place(stage, placings);
    expect([...kept].sort()).toEqual(['appeared', 'edited']);
    const contents = ['edited', 'same', 'd/new', 'appeared'].map((name) => readFileSync(path.join(root, name), 'utf8'));
    expect(contents).toEqual(['theirs', 'mine', 'mine', 'theirs']);
  });

  test('makes a folder again that was deleted there, for a file that was edited here', async () => {
    const [local, root] = [tempFolder(), tempFolder()];
    writeFiles(local, { 'd/e/edited': 'mine', 'd/e/other': 'x' });
    const { side } = await open(shell, root);
    await send(side, local, ['d/e/edited']);
    expect(readFileSync(path.join(root, 'd/e/edited'), 'utf8')).toBe('mine');
  });

  test('finds a new mode, which changes no mtime, in what changed or in the whole', async () => {
    const root = tempFolder();
    writeFiles(root, { 'd/run.sh': 'x' });
    const { side } = await open(shell, root);
    const modeIn = (entries: readonly { name: string; entry: TreeEntry | undefined }[]) =>
      entries.find(({ name }) => name === 'd/run.sh')?.entry?.mode;
    for (let looks = 0; looks < 3; looks += 1) await side.changed();
    chmodSync(path.join(root, 'd/run.sh'), 0o755);
    const found = modeIn((await side.changed()).entries) ?? modeIn((await side.list(''))?.entries ?? []);
    expect(found).toBe(0o755);
  });

  test('a stage that somebody took away places nothing and deletes nothing', async () => {
    const [local, root] = [tempFolder(), tempFolder()];
    writeFiles(local, { a: 'mine' });
    const { side } = await open(shell, root);
    const packed = emptyPacked();
    const stage = await side.upload(Readable.from(packLocal(local, ['a'], { packed })));
    rmSync(stage, { recursive: true });
    const { kept, entries } = await side.place(stage, [{ name: 'a', type: 'file', before: undefined }]);
    expect([[...kept], entries]).toEqual([['a'], []]);
  });

  test('a file takes the place of a link without touching what it points to', async () => {
    const [local, root, outside] = [tempFolder(), tempFolder(), tempFolder()];
    writeFiles(outside, { precious: 'old' });
    writeFiles(local, { 'to-file': 'new', 'to-folder/x': 'new' });
    symlinkSync(path.join(outside, 'precious'), path.join(root, 'to-file'));
    symlinkSync(outside, path.join(root, 'to-folder'));
    const { side } = await open(shell, root);
    await send(side, local, ['to-file', 'to-folder', 'to-folder/x']);
    expect(readFileSync(path.join(root, 'to-file'), 'utf8')).toBe('new');
    expect(readdirSync(outside)).toEqual(['precious']);
    expect(readFileSync(path.join(outside, 'precious'), 'utf8')).toBe('old');
  });

  test('deletes children first; a folder that still holds something stays', async () => {
    const root = tempFolder();
    writeFiles(root, { 'd/a': '', 'd/b': '', 'e/kept': '', 'line\nend': '', '-rf': '', 'odd ./name': '', link: '' });
    const { side } = await open(shell, root);
    const tree = await listed(side);
    await side.delete(
      ['d/b', 'd/a', 'd', 'e', 'line\nend', '-rf', 'odd ./name', 'odd .', 'link', 'never-was'],
      (name) => tree.get(name),
    );
    expect(await names(side)).toEqual(['e', 'e/kept']);
  });

  // the applets of BusyBox come before programs of the same name, so there nobody can get in between
  if (shell[0] !== 'busybox') editedInBetween(shell);

  test('does not delete what was edited since the listing', async () => {
    const root = tempFolder();
    writeFiles(root, { edited: 'before', gone: 'x' });
    const { side } = await open(shell, root);
    const tree = await listed(side);
    writeFileSync(path.join(root, 'edited'), 'the only copy');
    const still = await side.delete(['edited', 'gone'], (name) => tree.get(name));
    expect(still.map(({ name }) => name)).toEqual(['edited']);
    expect(await names(side)).toEqual(['edited']);
  });

  test.each([true, false])(
    'downloads an archive (small: %j), also when something vanished meanwhile',
    async (isSmall) => {
      const root = tempFolder();
      writeFiles(root, { a: 'hello', 'd/b': 'x'.repeat(100_000), 'line\nend': 'y', '-rf': 'z' });
      const { side } = await open(shell, root);
      let tree = {};
      await side.download(['a', 'd/b', 'vanished', 'line\nend', '-rf'], isSmall, async (archive) => {
        tree = await unpack(archive);
      });
      expect(tree).toEqual({ a: 'hello', 'd/b': 'x'.repeat(100_000), 'line\nend': 'y', '-rf': 'z' });
      // the stream of the agent goes on where the archive ended
      expect(await names(side)).toEqual(['-rf', 'a', 'd', 'd/b', 'line\nend']);
    },
  );

  test('a folder that cannot be listed completely is marked', async () => {
    const root = tempFolder();
    const tools = tempFolder();
    const real = shell[0] === 'busybox' ? 'busybox find' : `${process.env['PATH']?.includes('/usr/bin') ? '' : ''}find`;
    writeFiles(root, { a: '', b: '' });
    writeFiles(tools, { find: `#!/bin/sh\nPATH=\${PATH#*:}\n${real} "$@"\nexit 1\n` });
    chmodSync(path.join(tools, 'find'), 0o755);
    // BusyBox takes its own find whatever PATH says
    const container = localContainer({
      shell: shell[0] === 'busybox' ? ['sh'] : shell,
      env: { PATH: `${tools}:${process.env['PATH']}` },
    });
    const side = await openContainerSide(optionsFor(container, root, []));
    const listing = await side.list('');
    expect(listing?.partial).toBe(true);
    expect(listing?.entries.map(({ name }) => name).sort()).toEqual(['a', 'b']);
    side.close();
  });

  test('a root that went away halts, it is never an empty folder', async () => {
    const parent = tempFolder();
    const { side } = await open(shell, path.join(parent, 'root'));
    await side.list('');
    rmSync(path.join(parent, 'root'), { recursive: true });
    const error = await userErrorOf(side.list(''));
    expect(error.code).toBe('SYNC_HALTED');
    expect(error.message).toContain('nothing was deleted');
  });

  test('a root that is a file is SYNC_PATH with the words of the container', async () => {
    const parent = tempFolder();
    writeFiles(parent, { file: '' });
    const error = await userErrorOf(open(shell, path.join(parent, 'file')));
    expect(error.code).toBe('SYNC_PATH');
    expect(error.message).toContain(path.join(parent, 'file'));
    expect(error.message).toContain('container app of pod app-1');
  });
});

test('S21 a container that lacks a tool is SYNC_TOOLS with its name', async () => {
  const tools = tempFolder();
  for (const tool of ['sh', 'mkdir', 'find', 'stat', 'xargs', 'mv', 'rm', 'dd']) {
    const { execFileSync } = await import('node:child_process');
    const real = execFileSync('sh', ['-c', `command -v ${tool}`])
      .toString()
      .trim();
    symlinkSync(real, path.join(tools, tool));
  }
  const container = localContainer({ shell: ['sh'], env: { PATH: tools } });
  const error = await userErrorOf(openContainerSide(optionsFor(container, tempFolder(), [])));
  expect([error.code, error.message]).toEqual(['SYNC_TOOLS', 'container app of pod app-1 lacks the program tar.']);
});

test.each([126, 127])('S21 a container without a shell is SYNC_TOOLS, exit code %i', async (code) => {
  const container = localContainer({ shell: ['sh', '-c', `exit ${code}`] });
  const error = await userErrorOf(openContainerSide(optionsFor(container, tempFolder(), [])));
  expect([error.code, error.message]).toEqual(['SYNC_TOOLS', 'container app of pod app-1 has no shell.']);
});

test('a lost link is KUBE_STREAM for whoever waits', async () => {
  const { side, container } = await open(['sh'], tempFolder());
  await side.list('');
  const waiting = userErrorOf(side.list(''));
  container.cut();
  expect((await waiting).code).toBe('KUBE_STREAM');
  expect((await userErrorOf(side.list(''))).code).toBe('KUBE_STREAM');
});
