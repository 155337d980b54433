import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { changeText } from '../../src/config/edit/changes.ts';
import { updateConfig } from '../../src/config/edit/update-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { toPrintShape } from '../../src/config/versions/model.ts';
import { UserError } from '../../src/core/errors.ts';
import { generate } from './grammar.ts';
import { createRandom, mutate, type Random } from './mutate.ts';
import { seeds } from './seeds.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** Ends after this many texts, or … */
  readonly runs?: number;
  /** … after this time. */
  readonly durationMs?: number;
  /** Folder of files to start from; without it only our own seeds and made-up files. */
  readonly corpus?: string | undefined;
}

export interface FuzzReport {
  readonly runs: number;
  readonly loaded: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly heapMb: number;
  /** Texts that made the loader fail in a way that users must never see. */
  readonly failures: readonly { readonly what: string; readonly text: string }[];
}

/** No text may take longer, whatever it holds. Generous, because test machines are busy. */
const limitMs = 5_000;
const heapLimitMb = 1_000;

/**
 * Loads, edits and updates random texts. Allowed are success and a `UserError` in plain words; a crash, a stack trace, an
 * internal word, a hang or unbounded memory is a failure. Commands in the texts are never run.
 */
export async function fuzzLoader(options: FuzzOptions): Promise<FuzzReport> {
  const random = createRandom(options.seed);
  const base = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  const project = path.join(base, 'project');
  mkdirSync(project);
  const texts = [...seeds, ...(options.corpus ? readCorpus(options.corpus) : [])];
  const failures: { what: string; text: string }[] = [];
  const end = performance.now() + (options.durationMs ?? Number.POSITIVE_INFINITY);
  let [runs, loaded, refused, slowestMs, heapMb] = [0, 0, 0, 0, 0];
  try {
    while (runs < (options.runs ?? Number.POSITIVE_INFINITY) && performance.now() < end && failures.length < 10) {
      const text = withoutCommands(nextText(texts, random));
      const start = performance.now();
      const outcome = await tryText(text, project, base);
      const took = performance.now() - start;
      slowestMs = Math.max(slowestMs, took);
      if (runs % 50 === 0) heapMb = Math.max(heapMb, process.memoryUsage().heapUsed / 1_048_576);
      if (took > limitMs) failures.push({ what: `took ${Math.round(took)} ms`, text });
      if (heapMb > heapLimitMb) failures.push({ what: `heap of ${Math.round(heapMb)} MB`, text });
      if (outcome.failure !== undefined) failures.push({ what: outcome.failure, text });
      if (outcome.isLoaded) loaded += 1;
      else refused += 1;
      runs += 1;
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
  return { runs, loaded, refused, slowestMs: Math.round(slowestMs), heapMb: Math.round(heapMb), failures };
}

interface Outcome {
  readonly isLoaded: boolean;
  readonly failure?: string;
}

async function tryText(text: string, project: string, home: string): Promise<Outcome> {
  writeFileSync(path.join(project, 'devspace.yaml'), text);
  rmSync(path.join(project, '.devspace'), { recursive: true, force: true });
  const problem = problemOf(() => {
    changeText(text, { kind: 'add image', name: 'fuzz-image', image: 'fuzz/image' });
    updateConfig({ path: 'devspace.yaml', text });
  });
  if (problem !== undefined) return { isLoaded: false, failure: `edit: ${problem}` };
  try {
    const loaded = await loadConfig({
      cwd: project,
      env: { HOME: home, PATH: path.join(home, 'nothing') },
      scripts: 'filled',
      signal: AbortSignal.timeout(limitMs * 2),
    });
    JSON.stringify(toPrintShape(loaded.model));
    return { isLoaded: true };
  } catch (error) {
    const failure = badError(error);
    return failure === undefined ? { isLoaded: false } : { isLoaded: false, failure };
  }
}

function problemOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return badError(error);
  }
}

/** What is wrong with an error that a user gets to see. */
function badError(error: unknown): string | undefined {
  if (!(error instanceof UserError)) return error instanceof Error ? shortStack(error) : String(error);
  if (error.code === 'INTERNAL') return error.message;
  const leak = /\[object |\bat \S+ \(|node:internal|TypeError|YAMLException|is not a function/.exec(error.message);
  if (leak) return `the message has ${leak[0]}: ${error.message.slice(0, 500)}`;
  return error.message.length > 60_000 ? `a message of ${error.message.length} characters` : undefined;
}

function shortStack(error: Error): string {
  const lines = (error.stack ?? error.message).split('\n').filter((line) => !line.includes('data:'));
  return lines.slice(0, 8).join('\n').slice(0, 1_500);
}

function nextText(texts: readonly string[], random: Random): string {
  const pick = (): string => (random.below(4) > 0 ? random.pick(texts) : generate(random));
  const text = pick();
  return random.below(10) === 0 ? text : mutate(text, pick(), random);
}

/** A mutated file must not run what it says, nor fetch anything. PATH leads nowhere besides. */
function withoutCommands(text: string): string {
  return text
    .replace(/\$(\$?[#!]*)\(/g, '$1(')
    .replace(/\bcommand:.*/g, 'command: "true"')
    .replace(/\bgit\b/g, 'gti')
    .replace(/https?:/g, 'htp:');
}

function readCorpus(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
}
