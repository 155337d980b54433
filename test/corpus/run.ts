import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { openWorkplace } from './load.ts';
import { judgeUpdate, type Updated } from './updates.ts';
import { type Expectation, type Judged, judge, toExpectation } from './verdict.ts';

/*
 * Compares what we make of real files with what DevSpace 6.3.21 made of them.
 *   npm run test:corpus                   all files
 *   npm run test:corpus -- PART           files whose name contains PART, with all notes
 * The corpus lies beside the project in ../shared/corpus, or where CORPUS says.
 */
const root = path.resolve(import.meta.dirname, '../..');
const corpus = path.resolve(process.env.CORPUS ?? path.join(root, '../shared/corpus'));

interface Result extends Judged {
  readonly file: string;
  readonly expectation: Expectation['kind'];
}

async function main(part: string | undefined): Promise<number> {
  if (!existsSync(path.join(corpus, 'files'))) {
    console.log(`There is no corpus in ${corpus}: set CORPUS to the folder that has files/ and expected/.`);
    return 1;
  }
  const files = readdirSync(path.join(corpus, 'files')).filter((file) => part === undefined || file.includes(part));
  const results = await judgeAll(files);
  for (const { file, verdict, notes } of results) {
    const isBad = !['equal', 'deliberate', 'rejected'].includes(verdict);
    if (isBad || part !== undefined)
      console.log(`${verdict}: ${file}\n${notes.map((note) => `    ${note}`).join('\n')}`);
  }
  const updates = await judgeUpdates(files);
  for (const { file, verdict, notes } of updates) {
    if (verdict === 'different')
      console.log(`update config: ${file}\n${notes.map((note) => `    ${note}`).join('\n')}`);
  }
  return report(results, updates);
}

async function judgeUpdates(files: readonly string[]): Promise<(Updated & { readonly file: string })[]> {
  const workplace = openWorkplace();
  const results: (Updated & { readonly file: string })[] = [];
  try {
    for (const file of files) {
      const source = path.join(corpus, 'files', file);
      const isOld = /^version: *["']?v1/m.test(readFileSync(source, 'utf8')) && !file.includes('devspace-configs');
      if (isOld) results.push({ file, ...(await judgeUpdate(source, workplace)) });
    }
  } finally {
    workplace.close();
  }
  return results;
}

async function judgeAll(files: readonly string[]): Promise<Result[]> {
  const workplace = openWorkplace();
  const results: Result[] = [];
  try {
    for (const file of files) {
      const expectation = readExpectation(file);
      const source = readFileSync(path.join(corpus, 'files', file), 'utf8');
      const outcome = await workplace.load(path.join(corpus, 'files', file), AbortSignal.timeout(30_000));
      results.push({
        file,
        expectation: expectation.kind,
        ...judge({ source, expectation, outcome }),
      });
    }
  } finally {
    workplace.close();
  }
  return results;
}

function readExpectation(file: string): Expectation {
  const print = path.join(corpus, 'expected', `${file}.print.yaml`);
  if (existsSync(print)) return { kind: 'print', print: parse(readFileSync(print, 'utf8')) };
  return toExpectation(readFileSync(path.join(corpus, 'expected', `${file}.error.txt`), 'utf8'));
}

const parse = (text: string): Record<string, unknown> =>
  load(text, { schema: CORE_SCHEMA.withTags(mergeTag) }) as Record<string, unknown>;

function report(results: readonly Result[], updates: readonly Updated[]): number {
  const of = (kind: Expectation['kind']): readonly Result[] =>
    results.filter(({ expectation }) => expectation === kind);
  const count = (list: readonly Result[], ...verdicts: string[]): number =>
    list.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const loaded = of('print');
  const defects = of('defect');
  const lines = [
    figure({
      title: 'loaded by DevSpace 6.3.21, and by us',
      reached: loaded.length - count(loaded, 'wrongly rejected', 'crashed'),
      of: loaded.length,
      wanted: 1,
    }),
    figure({
      title: `equal (${String(count(loaded, 'deliberate'))} of them but for deliberate differences)`,
      reached: count(loaded, 'equal', 'deliberate'),
      of: loaded.length,
      wanted: 0.99,
    }),
    figure({
      title: 'invalid, refused with the right line',
      reached: count(of('invalid'), 'rejected'),
      of: of('invalid').length,
      wanted: 1,
    }),
    figure({
      title: 'failed by a defect of DevSpace 6.3.21, loaded by us',
      reached: count(defects, 'equal'),
      of: defects.length,
      wanted: 0.9,
    }),
    figure({ title: 'no crash', reached: results.length - count(results, 'crashed'), of: results.length, wanted: 1 }),
    figure({
      title: 'updated to the newest version, say the same with each of their profiles',
      reached: updates.filter(({ verdict }) => verdict === 'equal').length,
      of: updates.filter(({ verdict }) => verdict !== 'not to judge').length,
      wanted: 1,
    }),
  ];
  for (const { text } of lines) console.log(text);
  const unmet = of('unmet');
  console.log(`      ${String(count(unmet, 'equal'))} of ${String(unmet.length)} load that lacked something there`);
  return lines.every(({ isReached }) => isReached) ? 0 : 1;
}

interface Figure {
  readonly title: string;
  readonly reached: number;
  readonly of: number;
  /** From 0 to 1. */
  readonly wanted: number;
}

function figure({ title, reached, of, wanted }: Figure): { text: string; isReached: boolean } {
  const isReached = reached >= of * wanted;
  const share = of === 0 ? '' : ` (${((100 * reached) / of).toFixed(1)} %, wanted ${String(wanted * 100)} %)`;
  return { text: `${isReached ? 'ok  ' : 'FAIL'}  ${String(reached)} of ${String(of)} ${title}${share}`, isReached };
}

main(process.argv[2]).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
