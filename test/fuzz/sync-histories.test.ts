import { expect, test } from 'vitest';
import { shells } from '../helpers/local-container.ts';
import { runSyncHistories } from './sync-histories.ts';
import { runSyncReads } from './sync-reads.ts';

const seed = Date.now() % 1_000_000;

test.concurrent.each(shells.map((shell) => [shell.join(' '), shell] as const))(
  'people who work on both sides at once lose nothing, with %s',
  { timeout: 120_000 },
  async (_name, shell) => {
    const report = await runSyncHistories({ seed, histories: 25, shell });
    expect(report.failures).toEqual([]);
    expect(report.histories).toBe(25);
  },
);

test.concurrent('S25 nor when our process is killed at any moment', { timeout: 120_000 }, async () => {
  const report = await runSyncHistories({ seed, histories: 4, shell: ['sh'], killed: true });
  expect(report.failures).toEqual([]);
  expect(report.disturbances).toBe(4);
});

test.concurrent.each(['local', 'remote'] as const)(
  'S11 nobody reads half a file, or none, while another version arrives from %s',
  { timeout: 120_000 },
  async (from) => {
    const report = await runSyncReads({ from, reads: 5_000, shell: ['sh'] });
    expect(report).toMatchObject({ reads: 5_000, torn: 0, missing: 0 });
    expect(report.versions).toBeGreaterThan(1);
  },
);
