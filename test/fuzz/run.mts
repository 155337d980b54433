import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzLoader } from './fuzz-loader.ts';

/** `npm run fuzz -- --minutes 10 --seed 1 --corpus FOLDER --keep FOLDER` */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    corpus: { type: 'string' },
    keep: { type: 'string' },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const report = await fuzzLoader({ seed, durationMs: Number(values.minutes) * 60_000, corpus: values.corpus });
const { failures, ...figures } = report;
console.log({ seed, ...figures, failures: failures.length });
for (const [index, { what, text }] of failures.entries()) {
  console.log(`\n${what}`);
  if (!values.keep) continue;
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(path.join(values.keep, `failure-${seed}-${index}.yaml`), text);
}
process.exitCode = failures.length > 0 ? 1 : 0;
