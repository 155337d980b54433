import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectBrake } from '../../../src/sync/brakes.ts';
import { type Agreement, type PlanInput, planSync, type SyncPlan } from '../../../src/sync/plan.ts';
import { parentsFirst, type Tree, type TreeEntry } from '../../../src/sync/tree.ts';

const entry = (type: TreeEntry['type'], fingerprint: string, mtime = 0): TreeEntry => ({
  type,
  size: 1,
  mtime,
  mode: 0o644,
  fingerprint,
});
const file = (version: string, mtime = 0) => entry('file', version, mtime);
const folder = entry('directory', 'directory');
const link = (version: string) => entry('symlink', version);
const agreed = { local: 'v1', container: 'c1' };
type Agreed = ReadonlyMap<string, Agreement>;

/** Decides everything, with the rule of v1beta2 where nothing is agreed on. */
const planOf = (local: Tree, container: Tree, known: Agreed, more: Partial<PlanInput> = {}): SyncPlan =>
  planSync({
    local,
    container,
    agreed: known,
    paths: new Set([...local.keys(), ...container.keys(), ...known.keys()]),
    unknown: () => 'newestLocal',
    compareBy: 'mtime',
    conflictWinner: 'local',
    ...more,
  });

const agreedFolder = { local: 'directory', container: 'directory' };

type List = Exclude<keyof SyncPlan, 'agree'> | 'agree' | 'nothing';

interface Case {
  readonly name: string;
  readonly local?: TreeEntry;
  readonly container?: TreeEntry;
  readonly agreed?: { readonly local: string; readonly container: string };
  readonly expected: readonly List[];
}

const cases: readonly Case[] = [
  { name: 'new here', local: file('v1'), expected: ['upload'] },
  { name: 'new there', container: file('c1'), expected: ['download'] },
  { name: 'a folder new here', local: folder, expected: ['upload'] },
  { name: 'a folder new there', container: folder, expected: ['download'] },
  { name: 'a link new there', container: link('c1'), expected: ['download'] },
  {
    name: 'at first on both sides, newer here',
    local: file('v1', 20),
    container: file('c1', 10),
    expected: ['upload'],
  },
  {
    name: 'at first on both sides, newer there',
    local: file('v1', 10),
    container: file('c1', 20),
    expected: ['agree'],
  },
  { name: 'at first on both sides, same time', local: file('v1', 10), container: file('c1', 10), expected: ['agree'] },
  { name: 'a folder on both sides at first', local: folder, container: folder, expected: ['agree'] },
  { name: 'a link on both sides at first', local: link('v1'), container: link('c1'), expected: ['agree'] },
  { name: 'a folder here, a file there at first', local: folder, container: file('c1'), expected: ['blocked'] },
  { name: 'a file here, a folder there at first', local: file('v1'), container: folder, expected: ['blocked'] },
  { name: 'untouched', local: file('v1'), container: file('c1'), agreed, expected: [] },
  { name: 'edited here', local: file('v2'), container: file('c1'), agreed, expected: ['upload'] },
  { name: 'edited there', local: file('v1'), container: file('c2'), agreed, expected: ['download'] },
  { name: 'deleted here', container: file('c1'), agreed, expected: ['deleteContainer'] },
  { name: 'deleted there', local: file('v1'), agreed, expected: ['deleteLocal'] },
  { name: 'deleted on both sides', agreed, expected: ['forget'] },
  { name: 'edited on both sides', local: file('v2'), container: file('c2'), agreed, expected: ['upload', 'conflicts'] },
  { name: 'edited here, deleted there', local: file('v2'), agreed, expected: ['upload'] },
  { name: 'deleted here, edited there', container: file('c2'), agreed, expected: ['download'] },
  { name: 'a folder untouched', local: folder, container: folder, agreed: agreedFolder, expected: [] },
  { name: 'a folder deleted here', container: folder, agreed: agreedFolder, expected: ['deleteContainer'] },
  { name: 'a folder deleted there', local: folder, agreed: agreedFolder, expected: ['deleteLocal'] },
  { name: 'a file that became a folder here', local: folder, container: file('c1'), agreed, expected: ['upload'] },
  { name: 'a file that became a folder there', local: file('v1'), container: folder, agreed, expected: ['download'] },
  { name: 'a file that became a folder on both sides', local: folder, container: folder, agreed, expected: ['agree'] },
  {
    name: 'a file that became a folder here and was edited there',
    local: folder,
    container: file('c2'),
    agreed,
    expected: ['blocked'],
  },
  {
    name: 'a folder that became a file here',
    local: file('v1'),
    container: folder,
    agreed: agreedFolder,
    expected: ['upload'],
  },
];

describe('planSync', () => {
  test.each(cases)('$name → $expected', ({ local, container, agreed: known, expected }) => {
    const plan = planOf(treeOf(local), treeOf(container), new Map(known ? [['p', known]] : []));
    const lists = Object.entries(plan).filter(([, paths]) => (paths as string[]).includes('p'));
    expect(lists.map(([name]) => name)).toEqual(expected);
  });

  test('parents go first, deletions children first', () => {
    const names = ['d', 'd/e', 'd/e/f', 'd-x', 'd/a'];
    const local: Tree = new Map(names.map((name) => [name, folder]));
    expect(planOf(local, new Map(), new Map()).upload).toEqual(['d', 'd-x', 'd/a', 'd/e', 'd/e/f'].sort(parentsFirst));
    const known: Agreed = new Map(names.map((name) => [name, agreedFolder]));
    const { deleteContainer } = planOf(new Map(), local, known);
    for (const child of names.filter((name) => name.includes('/'))) {
      const parent = child.slice(0, child.lastIndexOf('/'));
      expect(deleteContainer.indexOf(child)).toBeLessThan(deleteContainer.indexOf(parent));
    }
  });
});

const treeOf = (value: TreeEntry | undefined): Tree => new Map(value ? [['p', value]] : []);

describe('a folder that gives way to a file', () => {
  const known: Agreed = new Map([
    ['d', agreedFolder],
    ['d/x', agreed],
  ]);

  test('here: stays there as long as something in it was edited there', () => {
    const plan = planOf(
      new Map([['d', file('v1')]]),
      new Map([
        ['d', folder],
        ['d/x', file('c2')],
      ]),
      known,
    );
    expect(plan.upload).toEqual([]);
    expect(plan.blocked).toEqual(['d']);
  });

  test('here: stays there as long as it has something new there', () => {
    const container: Tree = new Map([
      ['d', folder],
      ['d/x', file('c1')],
      ['d/new', file('c1')],
    ]);
    const plan = planOf(new Map([['d', file('v1')]]), container, known);
    expect(plan.upload).toEqual([]);
    expect(plan.blocked).toEqual(['d']);
  });

  test('here: is replaced if nobody touched it there', () => {
    const plan = planOf(
      new Map([['d', file('v1')]]),
      new Map([
        ['d', folder],
        ['d/x', file('c1')],
      ]),
      known,
    );
    expect([plan.upload, plan.deleteContainer, plan.blocked]).toEqual([['d'], ['d/x'], []]);
  });

  test('there: stays here as long as something in it was edited here', () => {
    const plan = planOf(
      new Map([
        ['d', folder],
        ['d/x', file('v2')],
      ]),
      new Map([['d', file('c1')]]),
      known,
    );
    expect(plan.download).toEqual([]);
    expect(plan.blocked).toEqual(['d']);
  });
});

/** The strategies of the first synchronisation, and what holds later; see `spec-sync.md` section 5 of our reference. */
const strategies: readonly (readonly [ReturnType<PlanInput['unknown']>, Record<Situation, Action>])[] = [
  [
    'newestLocal',
    { onlyHere: 'upload', onlyThere: 'download', same: 'agree', newerHere: 'upload', newerThere: 'agree' },
  ],
  [
    'mirrorLocal',
    { onlyHere: 'upload', onlyThere: 'deleteContainer', same: 'agree', newerHere: 'upload', newerThere: 'upload' },
  ],
  [
    'mirrorRemote',
    { onlyHere: 'deleteLocal', onlyThere: 'download', same: 'agree', newerHere: 'download', newerThere: 'download' },
  ],
  [
    'preferLocal',
    { onlyHere: 'upload', onlyThere: 'download', same: 'agree', newerHere: 'upload', newerThere: 'upload' },
  ],
  [
    'preferRemote',
    { onlyHere: 'upload', onlyThere: 'download', same: 'agree', newerHere: 'download', newerThere: 'download' },
  ],
  [
    'preferNewest',
    { onlyHere: 'upload', onlyThere: 'download', same: 'agree', newerHere: 'upload', newerThere: 'download' },
  ],
  ['keepAll', { onlyHere: 'upload', onlyThere: 'download', same: 'agree', newerHere: 'agree', newerThere: 'agree' }],
  ['disabled', { onlyHere: 'nothing', onlyThere: 'nothing', same: 'agree', newerHere: 'agree', newerThere: 'agree' }],
  [
    'keepBoth',
    { onlyHere: 'upload', onlyThere: 'download', same: 'conflicts', newerHere: 'conflicts', newerThere: 'conflicts' },
  ],
];
type Situation = 'onlyHere' | 'onlyThere' | 'same' | 'newerHere' | 'newerThere';
type Action = keyof SyncPlan | 'nothing';

describe.each(strategies)('without a common earlier state: %s', (strategy, table) => {
  const situations: Record<Situation, readonly [TreeEntry | undefined, TreeEntry | undefined]> = {
    onlyHere: [file('v1', 10), undefined],
    onlyThere: [undefined, file('c1', 10)],
    same: [file('v1', 10), file('c1', 10)],
    newerHere: [file('v1', 20), file('c1', 10)],
    newerThere: [file('v1', 10), file('c1', 20)],
  };

  test.each(Object.entries(table))('%s → %s', (situation, action) => {
    const [local, container] = situations[situation as Situation];
    const plan = planOf(treeOf(local), treeOf(container), new Map(), { unknown: () => strategy });
    const lists = Object.entries(plan).filter(([, paths]) => (paths as string[]).includes('p'));
    const found = lists.map(([name]) => name).filter((name) => action === 'conflicts' || name !== 'conflicts');
    if (action === 'nothing') expect(found).toEqual([]);
    else expect(found).toContain(action);
  });

  test('another size is another file', () => {
    const bigger = { ...file('c1', 10), size: 2 };
    const of = (one: TreeEntry) =>
      planOf(treeOf(file('v1', 10)), treeOf(one), new Map(), { unknown: () => strategy }).agree.length;
    expect(of(bigger) === 0 || table.newerThere === 'agree' || strategy === 'preferNewest').toBe(true);
  });
});

test('the container wins a conflict where the entry says so', () => {
  const plan = planOf(treeOf(file('v2')), treeOf(file('c2')), new Map([['p', agreed]]), {
    conflictWinner: 'container',
  });
  expect([plan.upload, plan.download, plan.conflicts]).toEqual([[], ['p'], ['p']]);
});

describe('selectBrake', () => {
  const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `f${from + index}`);
  const treeWith = (names: readonly string[], version: string): Tree =>
    new Map(names.map((name) => [name, file(version)]));
  const brakeOf = (here: readonly string[], there: readonly string[], known: readonly string[]) => {
    const agreedOn: Agreed = new Map(known.map((name) => [name, agreed]));
    return selectBrake(planOf(treeWith(here, 'v1'), treeWith(there, 'c1'), agreedOn), known.length);
  };

  test.each([
    ['everything gone here', [], range(3), range(3), { kind: 'halt', reason: 'the local folder is suddenly empty' }],
    [
      'everything gone there',
      range(3),
      [],
      range(3),
      { kind: 'halt', reason: 'the folder in the container is suddenly empty' },
    ],
    ['everything gone on both sides', [], [], range(3), { kind: 'none' }],
    ['one file left here', range(1), range(3), range(3), { kind: 'none' }],
    ['nothing gone', range(3), range(3), range(3), { kind: 'none' }],
    ['a single file that is deleted', [], range(1), range(1), { kind: 'none' }],
    ['26 of 100 gone there', range(74), range(100), range(100), { kind: 'ask', side: 'container', count: 26 }],
    ['26 of 100 gone here', range(100), range(74), range(100), { kind: 'ask', side: 'local', count: 26 }],
    ['25 of 100', range(75), range(100), range(100), { kind: 'none' }],
    ['26 of 200', range(174), range(200), range(200), { kind: 'none' }],
    [
      '40 of 100, but 10 new ones: a checkout',
      [...range(60), ...range(10, 500)],
      range(100),
      range(100),
      { kind: 'none' },
    ],
    [
      '60 of 100 with 5 new ones',
      [...range(40), ...range(5, 500)],
      range(100),
      range(100),
      { kind: 'ask', side: 'container', count: 60 },
    ],
  ])('%s', (_name, here, there, known, expected) => {
    expect(brakeOf(here, there, known)).toEqual(expected);
  });
});

/** One side as a file system would hold it: name to version, `/` for folders. */
type Side = Map<string, string>;

const names = ['a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a'];
const operation = fc.record({
  side: fc.constantFrom('local', 'container'),
  kind: fc.constantFrom('write', 'write', 'write', 'remove', 'folder'),
  name: fc.constantFrom(...names),
});

describe('with any history on both sides', () => {
  test('no version that only one side has is lost, and the sides come to rest equal but for conflicts', () => {
    const rounds = fc.array(fc.array(operation, { maxLength: 6 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rounds, (history) => {
        const sides = { local: new Map() as Side, container: new Map() as Side };
        const known = new Map<string, { local: string; container: string }>();
        let version = 0;
        for (const operations of history) {
          const fresh = new Map<string, string>();
          for (const { side, kind, name } of operations) {
            version += 1;
            change(sides[side], kind, name, `v${version}`);
            for (const [path, value] of [...sides.local, ...sides.container])
              if (value === `v${version}`) fresh.set(value, path);
          }
          const alive = [...fresh].filter(([value, path]) => holds(sides, path, value));
          const conflicts = settle(sides, known);
          for (const [value, path] of alive) {
            expect(holds(sides, path, value) || conflicts.has(path), `${path} ${value} is lost`).toBe(true);
          }
          const differ = names.filter((name) => sides.local.get(name) !== sides.container.get(name));
          // what both sides made before they knew of each other is left as it is (v1beta2, first synchronisation)
          const isTold = (name: string) => isBelow(name, conflicts) || known.get(name)?.local === sides.local.get(name);
          for (const name of differ) expect(isTold(name), `${name} differs`).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function change(side: Side, kind: string, name: string, version: string): void {
  const parent = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : undefined;
  if (kind === 'remove') return removeAll(side, name);
  if (parent !== undefined && side.get(parent) !== '/') change(side, 'folder', parent, version);
  if (kind === 'folder') {
    if (side.get(name) !== '/') removeAll(side, name);
    side.set(name, '/');
  } else {
    removeAll(side, name);
    side.set(name, version);
  }
}

function removeAll(side: Side, name: string): void {
  for (const path of [...side.keys()]) if (path === name || path.startsWith(`${name}/`)) side.delete(path);
}

const holds = ({ local, container }: { local: Side; container: Side }, path: string, value: string) =>
  local.get(path) === value || container.get(path) === value;

const isBelow = (name: string, tops: ReadonlySet<string>) =>
  [...tops].some((top) => name === top || name.startsWith(`${top}/`));

/** Carries plans out as the session does, until they ask for nothing. Returns the conflicts that were told. */
function settle(
  sides: { local: Side; container: Side },
  known: Map<string, { local: string; container: string }>,
): Set<string> {
  const conflicts = new Set<string>();
  for (let turn = 0; turn < 10; turn += 1) {
    const plan = planOf(toTree(sides.local), toTree(sides.container), known);
    for (const path of plan.blocked) conflicts.add(path);
    for (const path of plan.conflicts) conflicts.add(path);
    const agree = (path: string) => {
      const [local, container] = [sides.local.get(path), sides.container.get(path)];
      if (local !== undefined && container !== undefined) known.set(path, { local, container });
    };
    const copy = (from: Side, to: Side, path: string) => {
      const value = from.get(path);
      if (value === undefined) return;
      // an upload of a file replaces a whole folder, as the script in the container does it
      if (value === '/' ? to.get(path) !== '/' : true) removeAll(to, path);
      for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) to.set(path.slice(0, at), '/');
      to.set(path, value);
      agree(path);
    };
    const remove = (side: Side, path: string) => {
      known.delete(path);
      const isFolder = side.get(path) === '/';
      if (isFolder && [...side.keys()].some((name) => name.startsWith(`${path}/`))) return;
      side.delete(path);
    };
    for (const path of plan.deleteContainer) remove(sides.container, path);
    for (const path of plan.upload) copy(sides.local, sides.container, path);
    for (const path of plan.deleteLocal) remove(sides.local, path);
    for (const path of plan.download) copy(sides.container, sides.local, path);
    for (const path of plan.agree) agree(path);
    for (const path of plan.forget) known.delete(path);
    const { conflicts: _, blocked: ___, agree: __, ...work } = plan;
    if (Object.values(work).every((paths) => paths.length === 0)) break;
  }
  return conflicts;
}

function toTree(side: Side): Tree {
  return new Map([...side].map(([name, value]) => [name, value === '/' ? entry('directory', '/') : file(value)]));
}
