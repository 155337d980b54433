import { parseArgs } from 'node:util';
import { shells } from '../helpers/local-container.ts';
import { runSyncHistories } from './sync-histories.ts';
import { runSyncReads } from './sync-reads.ts';

/** `npm run fuzz:sync -- --histories 10000 --kills 100 --reads 100000 --seed 1 --shell 'busybox sh'` */
const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '100' },
    reads: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    shell: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chosen = values.shell === undefined ? shells : [values.shell.split(' ')];
const started = Date.now();
const seconds = () => Math.round((Date.now() - started) / 1000);
const onProgress = (done: number) => {
  if (done % 500 === 499) console.error(`${done + 1} histories, ${seconds()} s`);
};

const share = Math.ceil(Number(values.histories) / chosen.length);
for (const [index, shell] of chosen.entries()) {
  const { failures, ...figures } = await runSyncHistories({ seed: seed + index, histories: share, shell, onProgress });
  console.log({ shell: shell.join(' '), seed: seed + index, seconds: seconds(), ...figures, failures: failures.length });
  for (const line of failures) console.log(line);
  if (failures.length > 0) process.exitCode = 1;
}
const [shell = ['sh']] = chosen;
const killed = await runSyncHistories({ seed, histories: Number(values.kills), shell, killed: true });
console.log({ seconds: seconds(), kills: killed.disturbances, conflicts: killed.conflicts, failures: killed.failures.length });
for (const line of killed.failures) console.log(line);
if (killed.failures.length > 0) process.exitCode = 1;
for (const from of ['local', 'remote'] as const) {
  const report = await runSyncReads({ from, reads: Number(values.reads) / 2, shell });
  console.log({ seconds: seconds(), from, ...report });
  if (report.torn + report.missing > 0) process.exitCode = 1;
}
