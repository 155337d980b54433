import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOfRecords } from '../../../src/sync/listing.ts';
import { createSaver, emptyMemory, loadMemory, recall } from '../../../src/sync/memory.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const agreement = (text: string) => ({ local: `l ${text}`, container: `c ${text}` });
const about = { localPath: '/here', containerPath: '/app', pod: 'p', container: 'c' };

test('what was saved after each of many changes is what is loaded', () => {
  const change = fc.record({
    name: fc.constantFrom('a', 'b', 'd/e', 'line\nend', '"quotes"', '\u2028'),
    what: fc.constantFrom('set', 'delete', 'clear'),
  });
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }), (batches) => {
      const file = path.join(tempFolder(), 'state', 'memory.json');
      const memory = { ...emptyMemory(), identity: 'one', about };
      // so many that a change is written behind the others, not anew
      for (let i = 0; i < 20; i += 1) memory.agreed.set(`n${i}`, agreement(String(i)));
      const save = createSaver(file, memory);
      save();
      for (const [index, batch] of batches.entries()) {
        for (const { name, what } of batch) {
          if (what === 'set') memory.agreed.set(name, agreement(String(index)));
          else if (what === 'delete') memory.agreed.delete(name);
          else memory.agreed.clear();
        }
        save();
        const loaded = loadMemory(file);
        expect(new Map(loaded.agreed)).toEqual(new Map(memory.agreed));
        expect([loaded.identity, loaded.about]).toEqual(['one', about]);
      }
    }),
    { numRuns: 40 },
  );
});

function saved(): { file: string; save: () => void; memory: ReturnType<typeof emptyMemory> } {
  const file = path.join(tempFolder(), 'memory.json');
  const memory = { ...emptyMemory(), identity: 'one', rest: () => ['d ./x//\n'] };
  for (let i = 0; i < 10; i += 1) memory.agreed.set(`n${i}`, agreement(String(i)));
  const save = createSaver(file, memory);
  save();
  return { file, save, memory };
}

test('one change is one more line', () => {
  const { file, save, memory } = saved();
  const before = readFileSync(file, 'utf8');
  memory.agreed.set('n3', agreement('new'));
  save();
  expect(readFileSync(file, 'utf8')).toBe(`${before}["n3","l new","c new"]\n`);
});

test('a conflict is kept with where its other version is', () => {
  const { file, save, memory } = saved();
  memory.conflicts.push({ name: 'a', winner: 'local', savedTo: '/c/a', at: '2026-01-01T00:00:00Z' });
  save();
  expect(loadMemory(file).conflicts).toEqual(memory.conflicts);
});

test('a line that was cut is left out, the others count', () => {
  const { file } = saved();
  appendFileSync(file, '["n3","l ne');
  expect(loadMemory(file).agreed.get('n3')).toEqual(agreement('3'));
  expect(loadMemory(file).agreed.size).toBe(10);
});

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['no JSON', 'hello'],
  ['from another version', '{"version":99,"identity":"one","rest":[],"conflicts":[]}\n["a","b","c"]\n'],
  ['damaged in the middle', '{"version":2,"identity":"one","rest":[],"conflicts":[]}\n["a","b\n["c","d","e"]\n'],
])('a memory that is %s is as good as none', (_what, text) => {
  const file = path.join(tempFolder(), 'memory.json');
  if (text !== undefined) writeFileSync(file, text);
  const { identity, agreed } = loadMemory(file);
  expect([identity, agreed.size]).toEqual(['', 0]);
});

test('what is remembered is what the container is thought to have; damaged records are not', async () => {
  const print = (size: number) => `81a4 ${size} 2 2026-01-01 00:00:00 +0000 2026-01-01 00:00:00.5 +0000`;
  const memory = emptyMemory();
  memory.agreed.set('d', { local: 'directory', container: 'directory' });
  memory.agreed.set('d/a', { local: 'here', container: print(1) });
  memory.agreed.set('b', { local: 'here', container: 'edited there' });
  memory.agreed.set('../c', { local: 'here', container: print(3) });
  const view = new SyncView((name) => name === 'log', []);
  await recall({ ...memory, rest: () => [`${print(4)} ./log//\n`, 'no record'] }, view);
  expect([...view.container.entries.keys()].sort()).toEqual(['d', 'd/a']);
  const records = ['d ./d//\n', `${print(1)} ./d/a//\n`, `${print(4)} ./log//\n`];
  expect(view.digest()).toBe(digestOfRecords(records));
  view.forgetContainer();
  expect([view.container.entries.size, view.digest()]).toEqual([0, digestOfRecords([])]);
});
