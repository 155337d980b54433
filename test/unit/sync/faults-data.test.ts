import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { userErrorOf } from '../../helpers/error-of.ts';
import { bothAre, eventually, type SyncBench, startBench, treeOf, warnings } from '../../helpers/sync-bench.ts';
import { writeFiles } from '../../helpers/temp-folder.ts';

/** Faults S01 to S10 of the reliability list: each says what becomes of the data, what is told and what is left over. */

const many = (count: number, content = 'x'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`many/${index % 10}/file-${index}`, content]));

/** The content of every version that lost a conflict. */
function losers({ stateFolder }: SyncBench): string[] {
  const folder = path.join(stateFolder, 'conflicts');
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8')).sort();
}

/** Nothing of ours is left but the mark of the folder. */
async function expectNothingLeft(bench: SyncBench): Promise<void> {
  await bench.handle.close();
  await eventually(() => {
    expect(bench.container.running.size).toBe(0);
    const ours = readdirSync(bench.remote, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /devspace/.test(name),
    );
    expect(ours.sort()).toEqual(['.devspace', '.devspace/.gitignore', '.devspace/sync-id']);
    const stages = readdirSync(path.dirname(bench.remote)).filter((name) => name.startsWith('.devspace-sync'));
    expect(stages).toEqual([]);
  });
  expect(
    readdirSync(bench.local, { recursive: true, encoding: 'utf8' }).filter((name) => /devspace/.test(name)),
  ).toEqual([]);
}

describe('S01 the agent is killed in the middle of the first listing', () => {
  test.each([10, 50, 90])('after %d percent: nothing is deleted, and it goes on', async (percent) => {
    let left = (1_500 * 110 * percent) / 100;
    let isKilled = false;
    let kill = (): void => {};
    const garble = (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0 && !isKilled) {
        isKilled = true;
        kill();
      }
      return chunk;
    };
    const bench = await startBench(({ remote }) => writeFiles(remote, many(1_500)), { container: { garble } });
    kill = () => bench.container.signal('SIGKILL');
    await eventually(() => expect(Object.keys(treeOf(bench.local))).toHaveLength(1_500 + 11));
    expect(treeOf(bench.local)).toEqual(treeOf(bench.remote));
    expect(isKilled).toBe(true);
    expect(warnings(bench).join()).toContain('Trying again');
    expect(bench.log.lines.filter((line) => line.includes('Deleted'))).toEqual([]);
    await bench.again();
    // what the killed agent left over, the next one has taken away
    await expectNothingLeft(bench);
  });
});

describe('S02 what the container answers is no listing', () => {
  const replace = (from: string, to: string) => (chunk: Buffer) =>
    chunk.includes('LIST') ? Buffer.from(chunk.toString('latin1').replaceAll(from, to), 'latin1') : chunk;
  const nonsense: readonly (readonly [string, (chunk: Buffer) => Buffer])[] = [
    ['garbage', replace('LIST', 'sh: find: not found')],
    ['records that are cut', (chunk) => Buffer.from(chunk.toString('latin1').replaceAll('+0000 ./', '+00'), 'latin1')],
  ];
  const prepare = ({ local, remote }: Pick<SyncBench, 'local' | 'remote'>) => {
    writeFiles(local, { mine: 'm', both: 'b' });
    writeFiles(remote, { theirs: 't', both: 'b' });
  };

  test.each(nonsense)('%s once: nothing is changed, then it goes on', async (_name, garble) => {
    let times = 1;
    const once = (chunk: Buffer) => {
      const garbled = garble(chunk);
      if (times === 0 || garbled.equals(chunk)) return chunk;
      times -= 1;
      return garbled;
    };
    const bench = await startBench(prepare, { container: { garble: once } });
    await bothAre(bench, { both: 'b', mine: 'm', theirs: 't' });
    expect(warnings(bench)).toEqual([expect.stringMatching(/nothing was changed.* Trying again/)]);
    await expectNothingLeft(bench);
  });

  test.each(nonsense)('%s always: it gives up, and both sides are as they were', async (_name, garble) => {
    const bench = await startBench(prepare, { container: { garble } });
    const error = await userErrorOf(bench.handle.done);
    expect(error.code).toBe('SYNC_ANSWER');
    expect(error.message).toContain('nothing was changed');
    expect(treeOf(bench.local)).toEqual({ both: 'b', mine: 'm' });
    expect(treeOf(bench.remote)).toEqual({ both: 'b', theirs: 't' });
    await expectNothingLeft(bench);
  });

  test('an empty one after files were there: it halts', async () => {
    let isEmpty = false;
    let isInside = false;
    const garble = (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (!isEmpty || !(isInside || text.includes('LIST\n'))) return chunk;
      const end = text.indexOf('//end ');
      const begin = isInside ? '' : text.slice(0, text.indexOf('LIST\n') + 5);
      isInside = end < 0;
      return Buffer.from(`${begin}${end < 0 ? '' : text.slice(end)}`, 'latin1');
    };
    const bench = await startBench(prepare, { container: { garble } });
    await bothAre(bench, { both: 'b', mine: 'm', theirs: 't' });
    isEmpty = true;
    // what is known differs from what is there, so that the next look asks for all
    bench.container.isAway = true;
    bench.container.cut();
    writeFileSync(path.join(bench.remote, 'both'), 'edited');
    bench.container.isAway = false;
    expect((await userErrorOf(bench.handle.done)).code).toBe('SYNC_HALTED');
    expect(treeOf(bench.local)).toEqual({ both: 'b', mine: 'm', theirs: 't' });
    await expectNothingLeft(bench);
  });
});

describe('S03, S04 a root that is gone, emptied, replaced or no folder any more halts', () => {
  const files = { a: '1', b: '2', 'd/c': '3' };
  const whole = { a: '1', b: '2', 'd/': '', 'd/c': '3' };
  const moveAway = (folder: string) => renameSync(folder, `${folder}.old`);
  const faults: readonly (readonly [string, 'local' | 'remote', (folder: string) => void, RegExp])[] = [
    ['S03 the one in the container is deleted', 'remote', (folder) => rmSync(folder, { recursive: true }), /is gone/],
    [
      'S03 the local one is deleted',
      'local',
      (folder) => rmSync(folder, { recursive: true }),
      /cannot be read any more/,
    ],
    [
      'S03 the one in the container becomes a file',
      'remote',
      (folder) => {
        moveAway(folder);
        writeFileSync(folder, 'a file');
      },
      /is gone|cannot be used/,
    ],
    [
      'S03 the local one becomes a file',
      'local',
      (folder) => {
        moveAway(folder);
        writeFileSync(folder, 'a file');
      },
      /cannot be read any more/,
    ],
    [
      'S04 the volume is unmounted, below it is another folder',
      'remote',
      (folder) => {
        moveAway(folder);
        mkdirSync(folder);
        writeFiles(folder, { 'of-the-image': 'i' });
      },
      /replaced by another folder|suddenly empty/,
    ],
  ];

  test.each(faults)('%s', async (_name, side, act, message) => {
    const bench = await startBench(({ local }) => writeFiles(local, files));
    await bench.handle.ready;
    act(bench[side]);
    const error = await userErrorOf(bench.handle.done);
    expect(error.code).toBe('SYNC_HALTED');
    expect(error.message).toMatch(message);
    expect(error.message.toLowerCase()).toContain('nothing was deleted');
    expect(treeOf(bench[side === 'local' ? 'remote' : 'local'])).toEqual(whole);
    await eventually(() => expect(bench.container.running.size).toBe(0));
  });
});

test('S05 edited on both sides within a second, with one size and one time: both versions are kept', async () => {
  const bench = await startBench(({ local }) => writeFiles(local, { a: 'base', b: 'x' }));
  await bench.handle.ready;
  bench.container.isAway = true;
  bench.container.cut();
  const second = Math.floor(Date.now() / 1000);
  for (const [side, text] of [
    [bench.local, 'HERE'],
    [bench.remote, 'THAT'],
  ] as const) {
    writeFileSync(path.join(side, 'a'), text);
    utimesSync(path.join(side, 'a'), second, second);
  }
  bench.container.isAway = false;
  await bothAre(bench, { a: 'HERE', b: 'x' });
  expect(losers(bench)).toEqual(['THAT']);
  expect(warnings(bench).join()).toContain('a was edited on both sides');
  await expectNothingLeft(bench);
});

describe('S06 an edit survives whatever happens on the other side', () => {
  const apart: readonly (readonly [string, (bench: SyncBench) => void, Record<string, string>])[] = [
    [
      'edited here, deleted there',
      ({ local, remote }) => {
        writeFileSync(path.join(local, 'd/a'), 'edited');
        rmSync(path.join(remote, 'd'), { recursive: true });
      },
      { 'd/': '', 'd/a': 'edited', z: 'z' },
    ],
    [
      'renamed here, edited there',
      ({ local, remote }) => {
        renameSync(path.join(local, 'd/a'), path.join(local, 'd/renamed'));
        writeFileSync(path.join(remote, 'd/a'), 'edited');
      },
      { 'd/': '', 'd/a': 'edited', 'd/b': '2', 'd/renamed': '1', z: 'z' },
    ],
    [
      'a folder that became a file here, edited inside there',
      ({ local, remote }) => {
        rmSync(path.join(local, 'd'), { recursive: true });
        writeFileSync(path.join(local, 'd.new'), 'n');
        writeFileSync(path.join(remote, 'd/b'), 'edited');
      },
      { 'd/': '', 'd.new': 'n', 'd/b': 'edited', z: 'z' },
    ],
    [
      'a folder that was deleted here, and made anew with a folder for a file there',
      ({ local, remote }) => {
        rmSync(path.join(local, 'd'), { recursive: true });
        rmSync(path.join(remote, 'd'), { recursive: true });
        mkdirSync(path.join(remote, 'd/a'), { recursive: true });
      },
      { 'd/': '', 'd/a/': '', z: 'z' },
    ],
  ];

  test.each(apart)('%s', async (_name, act, expected) => {
    const bench = await startBench(({ local }) => writeFiles(local, { 'd/a': '1', 'd/b': '2', z: 'z' }));
    await bench.handle.ready;
    bench.container.isAway = true;
    bench.container.cut();
    act(bench);
    bench.container.isAway = false;
    await bothAre(bench, expected);
    await expectNothingLeft(bench);
  });
});

describe('S07 no clock is believed', () => {
  const tenYears = 10 * 365 * 24 * 3600;
  const now = Math.floor(Date.now() / 1000);

  test.each([
    ['an hour ahead', now + 3600],
    ['an hour behind', now - 3600],
    ['ten years ahead', now + tenYears],
    ['ten years behind', now - tenYears],
    ['at the beginning of time', 0],
  ])('an edit whose time is %s arrives, from either side', async (_name, time) => {
    const bench = await startBench(({ local }) => writeFiles(local, { up: '1', down: '2' }));
    await bench.handle.ready;
    for (const [side, name] of [
      [bench.local, 'up'],
      [bench.remote, 'down'],
    ] as const) {
      writeFileSync(path.join(side, name), 'edited');
      utimesSync(path.join(side, name), time, time);
    }
    await bothAre(bench, { down: 'edited', up: 'edited' });
    expect(warnings(bench)).toEqual([]);
  });

  test('an edit that keeps size and time arrives', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { up: 'one', down: 'two' }));
    await bench.handle.ready;
    for (const [side, name] of [
      [bench.local, 'up'],
      [bench.remote, 'down'],
    ] as const) {
      const { atimeMs, mtimeMs } = statSync(path.join(side, name));
      writeFileSync(path.join(side, name), 'new');
      utimesSync(path.join(side, name), atimeMs / 1000, mtimeMs / 1000);
    }
    await bothAre(bench, { down: 'new', up: 'new' });
  });
});

describe('S08 a tree that changes as a whole is equal afterwards', () => {
  const git = (folder: string, ...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], {
      cwd: folder,
      stdio: 'ignore',
    });

  test('git checkout, git stash and git gc, with a clean tree at the end', async () => {
    const bench = await startBench(({ local }) => {
      writeFiles(local, { ...many(300, 'first'), kept: 'k' });
      git(local, 'init', '-b', 'first');
      git(local, 'add', '.');
      git(local, 'commit', '-m', 'first');
      git(local, 'checkout', '-b', 'second');
      rmSync(path.join(local, 'many/0'), { recursive: true });
      writeFiles(local, { ...many(200, 'second'), 'other/file': 'o' });
      git(local, 'add', '-A');
      git(local, 'commit', '-m', 'second');
    });
    await bench.handle.ready;
    const files = (root: string) =>
      Object.fromEntries(Object.entries(treeOf(root)).filter(([name]) => !name.startsWith('.git/')));
    const second = files(bench.local);
    git(bench.local, 'checkout', 'first');
    await eventually(() => expect(files(bench.remote)).not.toEqual(second));
    await eventually(() => expect(files(bench.remote)).toEqual(files(bench.local)));
    writeFileSync(path.join(bench.local, 'kept'), 'changed');
    git(bench.local, 'stash');
    git(bench.local, 'checkout', 'second');
    git(bench.local, 'gc');
    await eventually(() => expect(treeOf(bench.remote)).toEqual(treeOf(bench.local)));
    expect(files(bench.local)).toEqual(second);
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: bench.local, encoding: 'utf8' })).toBe('');
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: bench.remote, encoding: 'utf8' })).toBe('');
    await expectNothingLeft(bench);
  });

  test('a folder that is deleted and made anew at once', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { ...many(100), keep: 'k' }));
    await bench.handle.ready;
    rmSync(path.join(bench.local, 'many'), { recursive: true });
    writeFiles(bench.local, { ...many(100, 'new'), 'many/new/x': 'x' });
    await eventually(() => expect(treeOf(bench.remote)).toEqual(treeOf(bench.local)));
    expect(Object.values(treeOf(bench.remote)).filter((text) => text === 'new')).toHaveLength(100);
    expect(bench.questions).toEqual([]);
    await expectNothingLeft(bench);
  });
});

describe('S09 however an editor writes, the right content arrives', () => {
  const save: readonly (readonly [string, (file: string, text: string) => void])[] = [
    [
      'vim: backup, new file, backup deleted',
      (file, text) => {
        renameSync(file, `${file}~`);
        writeFileSync(file, text);
        rmSync(`${file}~`);
      },
    ],
    [
      'VS Code: a new file renamed over it',
      (file, text) => {
        writeFileSync(`${file}.tmp`, text);
        renameSync(`${file}.tmp`, file);
      },
    ],
    [
      'JetBrains: a safe write through two names',
      (file, text) => {
        writeFileSync(`${file}___jb_tmp___`, text);
        renameSync(file, `${file}___jb_old___`);
        renameSync(`${file}___jb_tmp___`, file);
        rmSync(`${file}___jb_old___`);
      },
    ],
    ['sed -i', (file, text) => execFileSync('sed', ['-i', `s/.*/${text}/`, file])],
    [
      'truncated, then written',
      (file, text) => {
        truncateSync(file, 0);
        writeFileSync(file, text);
      },
    ],
  ];

  test.each(save)('%s', async (_name, write) => {
    const bench = await startBench(({ local }) => writeFiles(local, { up: 'old\n', down: 'old\n' }));
    await bench.handle.ready;
    const sizes = new Set<number>();
    write(path.join(bench.local, 'up'), 'new');
    write(path.join(bench.remote, 'down'), 'new');
    await eventually(() => {
      sizes.add(statSync(path.join(bench.remote, 'up')).size);
      sizes.add(statSync(path.join(bench.local, 'down')).size);
      for (const side of [bench.local, bench.remote]) {
        const contents = Object.values(treeOf(side)).map((text) => text.trim());
        expect(contents).toEqual(['new', 'new']);
        expect(Object.keys(treeOf(side))).toEqual(['down', 'up']);
      }
    });
    expect(sizes.has(0)).toBe(false);
    await expectNothingLeft(bench);
  });
});

describe('S10 a file that does not hold still holds up no other', () => {
  test('one that grows all the time, and one that vanishes at once', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { log: 'begin\n', other: 'x' }));
    await bench.handle.ready;
    const growing = setInterval(() => appendFileSync(path.join(bench.local, 'log'), 'one more line\n'), 20);
    try {
      for (const turn of [1, 2, 3]) {
        writeFileSync(path.join(bench.local, 'vanishes'), 'x');
        writeFileSync(path.join(bench.local, 'other'), `edit ${turn}`);
        rmSync(path.join(bench.local, 'vanishes'));
        await eventually(() => expect(readFileSync(path.join(bench.remote, 'other'), 'utf8')).toBe(`edit ${turn}`));
      }
    } finally {
      clearInterval(growing);
    }
    await eventually(() => expect(treeOf(bench.remote)).toEqual(treeOf(bench.local)));
    expect(Object.keys(treeOf(bench.remote))).toEqual(['log', 'other']);
    await expectNothingLeft(bench);
  });

  test('a large one with holes, while small ones are edited', async () => {
    const bench = await startBench(({ local }) => writeFiles(local, { small: '1' }));
    await bench.handle.ready;
    const large = path.join(bench.local, 'large');
    writeFileSync(large, 'head');
    truncateSync(large, 200 * 1024 * 1024);
    writeFileSync(path.join(bench.local, 'small'), '2');
    await eventually(() => expect(readFileSync(path.join(bench.remote, 'small'), 'utf8')).toBe('2'));
    await eventually(() => expect(statSync(path.join(bench.remote, 'large')).size).toBe(200 * 1024 * 1024));
    expect(readFileSync(path.join(bench.remote, 'large')).equals(readFileSync(large))).toBe(true);
    await expectNothingLeft(bench);
  });
});
