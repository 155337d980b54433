import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { userErrorOf } from '../../helpers/error-of.ts';
import { bothAre, eventually, startBench, treeOf, warnings } from '../../helpers/sync-bench.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

/** Faults S12 to S25 of the reliability list, as far as one machine has them; pods are for the suite of the cluster. */

const isRoot = process.getuid?.() === 0;
/** A shell of somebody who owns nothing; a user who is not root is that already. */
const nobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh'] : ['sh'];

/** Programs of this name that come before those of the machine. */
function withPrograms(programs: Readonly<Record<string, string>>): { PATH: string } {
  const bin = tempFolder();
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return { PATH: `${bin}:${process.env['PATH']}` };
}

/** A synchronisation in a process and namespaces of its own, prepared by a piece of shell. Returns what it has said. */
function startPrepared(prepare: string, folders: { local: string; remote: string }) {
  const state = tempFolder();
  const program = path.join(import.meta.dirname, '../../fuzz/sync-process.mts');
  const script = `${prepare}\nexec "$@"`;
  const words = ['sh', '-c', script, 'sh', process.execPath, '--import', 'tsx', program];
  const child = spawn('unshare', ['-rm', ...words, folders.local, folders.remote, state, 'sh'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return { said: () => said, inside: (file: string) => path.join(`/proc/${child.pid}/root`, file) };
}

describe('S12 a disk that is full is told with its side, leaves no half file, and heals', () => {
  test('in the container', async () => {
    const flag = path.join(tempFolder(), 'full');
    writeFileSync(flag, '');
    const full = `if [ -e ${flag} ]; then cat >/dev/null; echo 'tar: big: Cannot write: No space left on device' >&2; exit 2; fi`;
    const bench = await startBench(({ local }) => writeFiles(local, { big: 'x'.repeat(5_000) }), {
      container: { env: withPrograms({ tar: `${full}\nexec /bin/tar "$@"` }) },
    });
    await eventually(() => expect(warnings(bench).join()).toMatch(/disk of container app of pod app-1 is full/));
    expect(treeOf(bench.remote)).toEqual({});
    rmSync(flag);
    await bothAre(bench, { big: 'x'.repeat(5_000) });
  });

  test('here', { timeout: 60_000 }, async () => {
    const folder = tempFolder();
    const [local, remote] = [path.join(folder, 'local'), path.join(folder, 'remote')];
    for (const side of [local, remote]) mkdirSync(side);
    writeFiles(remote, { fits: 'f', big: 'x'.repeat(600_000) });
    const { said, inside } = startPrepared(`mount -t tmpfs -o size=400k tmpfs ${local}`, { local, remote });
    await expect.poll(said, { timeout: 30_000 }).toContain('big cannot be written here, the disk is full');
    await expect.poll(() => readdirSync(inside(local)).sort(), { timeout: 10_000 }).toEqual(['fits']);
    writeFileSync(path.join(remote, 'small'), 's');
    await expect.poll(() => existsSync(inside(path.join(local, 'small'))), { timeout: 10_000 }).toBe(true);
    expect(readFileSync(path.join(remote, 'big'), 'utf8')).toHaveLength(600_000);
  });
});

describe('S13 a container in which little is allowed', () => {
  const open = (folder: string) => {
    for (let parent = folder; parent.includes('devspace-test-'); parent = path.dirname(parent))
      chmodSync(parent, 0o755);
  };

  test('a root that nobody may write to: what is there arrives here, an upload says why not', async () => {
    const bench = await startBench(
      ({ remote }) => {
        writeFiles(remote, { theirs: 't' });
        chmodSync(remote, 0o555);
        open(path.dirname(remote));
      },
      { container: { shell: nobody }, config: { disableUpload: true } },
    );
    await bench.handle.ready;
    expect(treeOf(bench.local)).toEqual({ theirs: 't' });
    await bench.handle.close();
    const second = await startBench(
      ({ local, remote }) => {
        writeFiles(local, { mine: 'm' });
        chmodSync(remote, 0o555);
        open(path.dirname(remote));
      },
      { container: { shell: nobody } },
    );
    const error = await userErrorOf(second.handle.done);
    expect(error.code).toBe('SYNC_PATH');
    expect(error.message).toContain('Nothing can be written');
    chmodSync(second.remote, 0o755);
    chmodSync(bench.remote, 0o755);
    expect(treeOf(second.local)).toEqual({ mine: 'm' });
  });

  test('a root of somebody else, in which anyone may write', async () => {
    const bench = await startBench(
      ({ local, remote }) => {
        writeFiles(local, { mine: 'm', 'run.sh': '#!/bin/sh' });
        chmodSync(path.join(local, 'run.sh'), 0o755);
        open(path.dirname(remote));
        chmodSync(remote, 0o777);
      },
      { container: { shell: nobody } },
    );
    await bothAre(bench, { mine: 'm', 'run.sh': '#!/bin/sh' });
    const { mode, uid } = statSync(path.join(bench.remote, 'run.sh'));
    expect(mode & 0o777).toBe(0o755);
    expect(uid).toBe(isRoot ? 65534 : process.getuid?.());
    expect(warnings(bench)).toEqual([]);
  });
});

test('S14 any name arrives as it is, from either side, and no shell reads it', async () => {
  const names = [
    'with space',
    'new\nline',
    'quo\'te"s',
    '$(touch pwned)',
    '`touch pwned`',
    '-rf',
    '--help',
    'back\\slash',
    'star*?[a]',
    '😀',
    'Case',
    'case',
    'CON',
    'a.',
    'e\u0301',
    '\u00e9',
    'n'.repeat(255),
    '//end 1 0'.replaceAll('/', '_'),
    'LIST',
    ';reboot',
    '#comment',
    '\u00a0',
  ];
  const tree = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
  const bench = await startBench(({ local }) => writeFiles(local, tree));
  await bothAre(bench, tree);
  const edited = Object.fromEntries(names.map((name) => [name, `edited ${name}`]));
  writeFiles(bench.remote, edited);
  await bothAre(bench, edited);
  for (const name of names) rmSync(path.join(bench.local, name));
  writeFiles(bench.local, { stays: 's' });
  await bothAre(bench, { stays: 's' });
  expect(existsSync('pwned')).toBe(false);
});

test.each(['local', 'remote'] as const)(
  'S14 a name that is no UTF-8 at %s is left alone, the rest goes on',
  async (side) => {
    const bad = Buffer.from([0x61, 0xff, 0xfe]);
    const bench = await startBench((folders) => {
      writeFiles(folders[side], { good: 'g' });
      writeFileSync(Buffer.concat([Buffer.from(`${folders[side]}/`), bad]), 'x');
    });
    await bench.handle.ready;
    const other = side === 'local' ? bench.remote : bench.local;
    expect(treeOf(other)).toEqual({ good: 'g' });
    expect(readdirSync(bench[side], { encoding: 'buffer' }).some((name) => name.equals(bad))).toBe(true);
  },
);

test('S15 links: a loop, a dangling one, one that leaves the folder, one in the place of a folder', async () => {
  const outside = tempFolder();
  writeFiles(outside, { precious: 'p' });
  const bench = await startBench(({ local, remote }) => {
    symlinkSync('loop', path.join(local, 'loop'));
    symlinkSync('nowhere', path.join(local, 'dangling'));
    writeFiles(local, { 'd/a': '1', keep: 'k' });
    symlinkSync(outside, path.join(remote, 'absolute'));
    symlinkSync('../../outside', path.join(remote, 'above'));
  });
  await bench.handle.ready;
  rmSync(path.join(bench.remote, 'd'), { recursive: true });
  symlinkSync(outside, path.join(bench.remote, 'd'));
  writeFileSync(path.join(bench.local, 'd/a'), 'edited here');
  await eventually(() => expect(readFileSync(path.join(bench.local, 'd/a'), 'utf8')).toBe('edited here'));
  writeFileSync(path.join(bench.local, 'keep'), 'later');
  await eventually(() => expect(readFileSync(path.join(bench.remote, 'keep'), 'utf8')).toBe('later'));
  expect(readdirSync(outside)).toEqual(['precious']);
  expect(readFileSync(path.join(outside, 'precious'), 'utf8')).toBe('p');
  expect(readdirSync(bench.local).sort()).toEqual(['d', 'dangling', 'keep', 'loop']);
  expect(warnings(bench).join()).toMatch(/absolute is a link that leaves the folder/);
});

describe('S16 a hostile container', () => {
  test('that sends paths outside writes nothing outside', async () => {
    const evil = path.join(tempFolder(), 'evil.tar');
    const made = spawnSync('tar', ['-cf', evil, '-P', '--transform', 's,^,../../,', '/etc/hostname']);
    expect(made.status).toBe(0);
    const bench = await startBench(({ remote }) => writeFiles(remote, { a: '1' }), {
      container: { env: withPrograms({ tar: `case "$1" in -cf) cat ${evil};; *) exec /bin/tar "$@";; esac` }) },
    });
    await eventually(() => expect(warnings(bench).length).toBeGreaterThan(0));
    expect(treeOf(bench.local)).toEqual({});
    const beside = readdirSync(path.dirname(bench.local)).filter((name) => !name.startsWith('.devspace-sync.'));
    expect(beside.sort()).toEqual(['local', 'remote', 'state', 'sync.log']);
  });

  test('that sends without end is given up', { timeout: 60_000 }, async () => {
    const bench = await startBench(({ remote }) => writeFiles(remote, { a: '1' }), {
      container: {
        env: withPrograms({ cat: 'case "$1" in */list) exec /bin/cat /dev/zero;; *) exec /bin/cat "$@";; esac' }),
      },
    });
    await eventually(() => expect(warnings(bench).join()).toContain('sends a listing without end'));
    expect(treeOf(bench.local)).toEqual({});
    await bench.handle.close();
  });
});

test('S17 a fifo, a socket and a folder that cannot be read are left where they are', async () => {
  const bench = await startBench(
    ({ local, remote }) => {
      for (const side of [local, remote])
        spawnSync('sh', ['-c', 'mkfifo "$1"', 'sh', path.join(side, `fifo-${path.basename(side)}`)]);
      writeFiles(local, { mine: 'm' });
      writeFiles(remote, { theirs: 't', 'locked/inside': 'i' });
      chmodSync(path.join(remote, 'locked'), 0o000);
      for (let parent = remote; parent.includes('devspace-test-'); parent = path.dirname(parent))
        chmodSync(parent, 0o777);
    },
    { container: { shell: nobody } },
  );
  const server = createServer().listen(path.join(bench.local, 'socket'));
  onTestFinished(() => void server.close());
  await eventually(() => expect(existsSync(path.join(bench.remote, 'mine'))).toBe(true));
  await eventually(() => expect(existsSync(path.join(bench.local, 'theirs'))).toBe(true));
  writeFileSync(path.join(bench.local, 'mine'), 'edited');
  await eventually(() => expect(readFileSync(path.join(bench.remote, 'mine'), 'utf8')).toBe('edited'));
  chmodSync(path.join(bench.remote, 'locked'), 0o755);
  expect(readFileSync(path.join(bench.remote, 'locked/inside'), 'utf8')).toBe('i');
  expect(readdirSync(bench.local).filter((name) => /fifo-remote/.test(name))).toEqual([]);
  expect(readdirSync(bench.remote).filter((name) => /fifo-local|socket/.test(name))).toEqual([]);
});

test('S19 a system without watches left: changes are found by looking', { timeout: 60_000 }, async () => {
  const folder = tempFolder();
  const [local, remote] = [path.join(folder, 'local'), path.join(folder, 'remote')];
  for (const side of [local, remote]) mkdirSync(side);
  writeFiles(local, Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}/a`, 'x'])));
  const { said } = startPrepared('echo 8 >/proc/sys/user/max_inotify_watches', { local, remote });
  await expect.poll(said, { timeout: 30_000 }).toContain('Changes are found by looking for them');
  writeFileSync(path.join(local, 'd39/new'), 'n');
  await expect.poll(() => existsSync(path.join(remote, 'd39/new')), { timeout: 20_000 }).toBe(true);
});

test('S22 a second session for the same folders is refused, and a third one may follow', async () => {
  const bench = await startBench(({ local }) => writeFiles(local, { a: '1' }));
  await bench.handle.ready;
  const second = bench.another();
  const error = await userErrorOf(second.done);
  expect(error.message).toContain('is already synchronised');
  await second.close();
  writeFileSync(path.join(bench.local, 'a'), '2');
  await bothAre(bench, { a: '2' });
  await bench.again();
  writeFileSync(path.join(bench.local, 'a'), '3');
  await bothAre(bench, { a: '3' });
});

test('S24 a connection that gives one byte at a time', { timeout: 60_000 }, async () => {
  const bench = await startBench(
    ({ local, remote }) => {
      writeFiles(local, { mine: 'm', 'd/mine': 'dm' });
      writeFiles(remote, { theirs: 't'.repeat(3_000), 'line\nend': 'l' });
    },
    { container: { garble: (chunk) => Array.from(chunk, (_, index) => chunk.subarray(index, index + 1)) } },
  );
  await bothAre(bench, { 'd/': '', 'd/mine': 'dm', 'line\nend': 'l', mine: 'm', theirs: 't'.repeat(3_000) });
  writeFileSync(path.join(bench.remote, 'mine'), 'edited there');
  await eventually(() => expect(readFileSync(path.join(bench.local, 'mine'), 'utf8')).toBe('edited there'));
});
