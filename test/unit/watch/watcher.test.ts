import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startWatching } from '../../../src/watch/watcher.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

async function watch(root: string, excluded: readonly string[] = []) {
  let changes = 0;
  const asked = new Set<string>();
  const handle = startWatching({
    root,
    isExcluded(folder) {
      asked.add(path.relative(root, folder));
      return excluded.includes(path.basename(folder));
    },
    onChange: () => {
      changes += 1;
    },
  });
  onTestFinished(() => handle.close());
  await handle.ready;
  const noticed = async (act: () => void) => {
    changes = 0;
    act();
    await vi.waitFor(() => expect(changes).toBeGreaterThan(0), { timeout: 5_000 });
  };
  return { handle, asked, noticed, changes: () => changes };
}

test('notices an edit, a new file, a rename and a deletion, also in folders that are new', async () => {
  const root = tempFolder();
  writeFiles(root, { 'a.txt': 'a', 'd/b.txt': 'b' });
  const { noticed } = await watch(root);
  await noticed(() => writeFileSync(path.join(root, 'a.txt'), 'edited'));
  await noticed(() => writeFileSync(path.join(root, 'd/b.txt'), 'edited'));
  await noticed(() => writeFileSync(path.join(root, 'd/new.txt'), 'new'));
  await noticed(() => renameSync(path.join(root, 'd/new.txt'), path.join(root, 'd/renamed.txt')));
  await noticed(() => rmSync(path.join(root, 'd/renamed.txt')));
  await noticed(() => mkdirSync(path.join(root, 'd/e'), { recursive: true }));
  await vi.waitFor(() => noticed(() => writeFileSync(path.join(root, 'd/e/file'), String(Math.random()))));
  await noticed(() => rmSync(path.join(root, 'd'), { recursive: true }));
});

test('does not enter an excluded folder', async () => {
  const root = tempFolder();
  writeFiles(root, { 'node_modules/x/y/z': '1', 'src/a': '1' });
  const { asked, noticed, changes } = await watch(root, ['node_modules']);
  expect([...asked]).toContain('node_modules');
  expect([...asked].filter((name) => name.startsWith('node_modules/'))).toEqual([]);
  await noticed(() => writeFileSync(path.join(root, 'src/a'), '2'));
  const before = changes();
  writeFileSync(path.join(root, 'node_modules/x/y/z'), '2');
  // a later event of another folder would come after one of this
  await new Promise((resolve) => setImmediate(resolve));
  expect(changes()).toBe(before);
});

test('close ends it, twice too, and nothing is told afterwards', async () => {
  const root = tempFolder();
  const { handle, changes } = await watch(root);
  await handle.close();
  await handle.close();
  await handle.done;
  const before = changes();
  writeFileSync(path.join(root, 'late'), '');
  await new Promise((resolve) => setImmediate(resolve));
  expect(changes()).toBe(before);
});
