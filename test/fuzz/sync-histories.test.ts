import { expect, test } from 'vitest';
import { shells } from '../helpers/local-container.ts';
import { runSyncHistories } from './sync-histories.ts';

test.concurrent.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'people who work on both sides at once lose nothing, with %s',
  { timeout: 120_000 },
  async (_name, shell) => {
    const histories = 25;
    const report = await runSyncHistories({ seed: Date.now() % 1_000_000, histories, shell });
    expect(report.failures).toEqual([]);
    expect(report.histories).toBe(histories);
  },
);
