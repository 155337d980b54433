import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openLocalEyes } from '../../../src/sync/local-eyes.ts';
import { SyncView } from '../../../src/sync/sync-view.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

const isExcluded = () => false;

test('an edit in a folder that took the place of another one is told, though both look like the same', async () => {
  const root = tempFolder();
  writeFiles(root, { 'd/e/file': '0' });
  const view = new SyncView(isExcluded, []);
  const eyes = openLocalEyes({ root, view, isExcluded, onChange: () => {}, onRead: () => {} });
  onTestFinished(() => eyes.close());
  await eyes.watch();
  await eyes.lookAll();
  const folder = path.join(root, 'd/e');
  const file = path.join(folder, 'file');
  for (let round = 1; round <= 12; round += 1) {
    rmSync(folder, { recursive: true });
    // many file systems give it the inode that has just become free
    mkdirSync(folder);
    writeFileSync(file, '-'.repeat(round));
    await vi.waitFor(async () => {
      await eyes.look();
      expect(view.local.get('d/e/file')?.size).toBe(round);
    });
    // nothing of this is on its way any more
    await new Promise((resolve) => setTimeout(resolve, 60));
    await eyes.look();
    writeFileSync(file, 'edited'.repeat(10));
    await vi.waitFor(async () => {
      await eyes.look();
      expect(view.local.get('d/e/file')?.size).toBe(60);
    });
  }
});
