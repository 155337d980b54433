import { parseArgs } from 'node:util';
import { runSyncHistories } from './sync-histories.ts';

/** `npm run fuzz:sync -- --histories 10000 --seed 1 --shell 'busybox sh'` */
const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    shell: { type: 'string', default: 'sh' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const started = Date.now();
const report = await runSyncHistories({
  seed,
  histories: Number(values.histories),
  shell: values.shell.split(' '),
  onProgress: (done) => done % 500 === 0 && console.error(`${done} histories, ${Math.round((Date.now() - started) / 1000)} s`),
});
const { failures, ...figures } = report;
console.log({ seed, shell: values.shell, seconds: Math.round((Date.now() - started) / 1000), ...figures });
for (const line of failures) console.log(line);
process.exitCode = failures.length > 0 ? 1 : 0;
