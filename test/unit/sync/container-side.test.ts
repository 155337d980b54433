import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { packEntries } from '../../../src/archive/pack.ts';
import { type ContainerSide, type ContainerSideOptions, openContainerSide } from '../../../src/sync/container-side.ts';
import { createExcludes } from '../../../src/sync/excludes.ts';
import { packLocal } from '../../../src/sync/local-side.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { type LocalContainer, localContainer, shells } from '../../helpers/local-container.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const ref = { namespace: 'dev', pod: 'app-1', container: 'app' };

const optionsFor = (
  container: LocalContainer,
  root: string,
  excludePaths: readonly string[],
): ContainerSideOptions => ({
  kube: container.kube,
  container: ref,
  path: root,
  excludePaths,
  isExcluded: createExcludes(excludePaths),
  signal: new AbortController().signal,
});

async function open(shell: readonly string[], root: string, excludePaths: readonly string[] = []) {
  const container = localContainer({ shell });
  const side = await openContainerSide(optionsFor(container, root, excludePaths));
  onTestFinished(async () => {
    side.close();
    await vi.waitFor(() => expect(container.running.size).toBe(0));
  });
  return { side, container };
}

const names = async (side: ContainerSide) => [...(await side.list()).tree.keys()].sort();

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
    const first = await side.list();
    expect([...first.tree.keys()].sort()).toEqual(
      ['a.txt', 'd', 'd/b', 'line\nend', ' two  spaces ', '-n', 'ünï"$(x)', 'link'].sort(),
    );
    expect(first.partial).toBe(false);
    const { size, mode, mtimeMs } = statSync(path.join(root, 'a.txt'));
    expect(first.tree.get('a.txt')).toMatchObject({ size, mode: mode & 0o7777, mtime: Math.floor(mtimeMs / 1000) });
    expect(await side.list()).toBe(first);
    writeFileSync(path.join(root, 'a.txt'), 'more than four');
    const later = await side.list();
    expect(later).not.toBe(first);
    expect(later.tree.get('a.txt')?.fingerprint).not.toBe(first.tree.get('a.txt')?.fingerprint);
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
    const placed = await side.upload(packLocal(local, [...paths, long]));
    expect([...placed.keys()].sort()).toEqual([...paths, long].sort());
    expect(readFileSync(path.join(root, 'a.txt'), 'utf8')).toBe('hello');
    expect(readFileSync(path.join(root, 'big')).equals(readFileSync(path.join(local, 'big')))).toBe(true);
    expect(statSync(path.join(root, 'd/run.sh')).mode & 0o777).toBe(0o755);
    expect(readFileSync(path.join(root, long), 'utf8')).toBe('long');
    // what the upload answers is what the next listing says, or it would be taken for a change of the container
    const { tree } = await side.list();
    for (const [name, entry] of placed) expect(tree.get(name)?.fingerprint, name).toBe(entry.fingerprint);
    expect(readdirSync(root).filter((name) => name.startsWith('.devspace-sync'))).toEqual([]);
    expect(container.running.size).toBe(1);
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
    await expect(side.upload(cut)).rejects.toThrow();
    await vi.waitFor(() => expect(readdirSync(root)).toEqual(['a']));
    expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('old');
  });

  test('a file takes the place of a link without touching what it points to', async () => {
    const [local, root, outside] = [tempFolder(), tempFolder(), tempFolder()];
    writeFiles(outside, { precious: 'old' });
    writeFiles(local, { 'to-file': 'new', 'to-folder/x': 'new' });
    symlinkSync(path.join(outside, 'precious'), path.join(root, 'to-file'));
    symlinkSync(outside, path.join(root, 'to-folder'));
    const { side } = await open(shell, root);
    await side.upload(packLocal(local, ['to-file', 'to-folder', 'to-folder/x']));
    expect(readFileSync(path.join(root, 'to-file'), 'utf8')).toBe('new');
    expect(readdirSync(outside)).toEqual(['precious']);
    expect(readFileSync(path.join(outside, 'precious'), 'utf8')).toBe('old');
  });

  test('deletes children first; a folder that still holds something stays', async () => {
    const root = tempFolder();
    writeFiles(root, { 'd/a': '', 'd/b': '', 'e/kept': '', 'line\nend': '', '-rf': '', 'odd ./name': '', link: '' });
    const { side } = await open(shell, root);
    const { tree } = await side.list();
    await side.delete(['d/b', 'd/a', 'd', 'e', 'line\nend', '-rf', 'odd ./name', 'odd .', 'link', 'never-was'], tree);
    expect(await names(side)).toEqual(['e', 'e/kept']);
  });

  test('does not delete what was edited since the listing', async () => {
    const root = tempFolder();
    writeFiles(root, { edited: 'before', gone: 'x' });
    const { side } = await open(shell, root);
    const { tree } = await side.list();
    writeFileSync(path.join(root, 'edited'), 'the only copy');
    await side.delete(['edited', 'gone'], tree);
    expect(await names(side)).toEqual(['edited']);
  });

  test('downloads as an archive, also when something vanished meanwhile', async () => {
    const root = tempFolder();
    writeFiles(root, { a: 'hello', 'd/b': 'x'.repeat(100_000), 'line\nend': 'y', '-rf': 'z' });
    const { side } = await open(shell, root);
    let bytes = 0;
    await side.download(['a', 'd/b', 'vanished', 'line\nend', '-rf'], async (archive) => {
      bytes = (await buffer(archive)).length;
    });
    expect(bytes).toBeGreaterThan(100_000);
  });

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
    const listing = await side.list();
    expect(listing.partial).toBe(true);
    expect([...listing.tree.keys()].sort()).toEqual(['a', 'b']);
    side.close();
  });

  test('a root that went away is SYNC_PATH, never an empty folder', async () => {
    const parent = tempFolder();
    const { side } = await open(shell, path.join(parent, 'root'));
    await side.list();
    const { rmSync } = await import('node:fs');
    rmSync(path.join(parent, 'root'), { recursive: true });
    const error = await userErrorOf(side.list());
    expect(error.code).toBe('SYNC_PATH');
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

test('a container that lacks a tool is SYNC_TOOLS with its name', async () => {
  const tools = tempFolder();
  for (const tool of ['sh', 'mkdir', 'find', 'stat', 'xargs', 'mv', 'rm']) {
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

test('a lost link is KUBE_STREAM for whoever waits', async () => {
  const { side, container } = await open(['sh'], tempFolder());
  await side.list();
  const waiting = userErrorOf(side.list());
  container.cut();
  expect((await waiting).code).toBe('KUBE_STREAM');
  expect((await userErrorOf(side.list())).code).toBe('KUBE_STREAM');
});
