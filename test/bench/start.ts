/**
 * How long a command takes to start, against the start of Node.js itself, and a large file to load: `npm run bench`.
 * Prints a table; exits 1 if a limit is missed. Runs are interleaved, so that a busy moment of the machine hits all of them. The limits are for the
 * elapsed time, which is what a person waits; the processor time beside it says more on a busy machine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ClusterAnswers, serveCluster } from './empty-cluster.ts';
import { type ProjectName, writeProjects } from './projects.ts';

const rounds = Number(process.env['BENCH_RUNS'] ?? 25);
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');

interface Subject {
  readonly name: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly cache: 'on' | 'off';
  /** Median of the elapsed time, as a multiple of that of `node -e 0`. */
  readonly limit?: number;
  /** Where it runs; else where no project is. */
  readonly project?: ProjectName;
  /** Milliseconds of elapsed time beyond the median of the subject before. */
  readonly limitBeyondPrevious?: number;
  readonly runs: Run[];
}

/** Milliseconds. */
interface Run {
  readonly elapsed: number;
  readonly processor: number;
}

/** Loaded into every process, the bare one too: says at the end how much processor time it took. */
const reporter = `process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeSync(3, String((user + system) / 1000));
});`;

const subject = (entry: Omit<Subject, 'runs'>): Subject => ({ ...entry, runs: [] });
const help = [program, '--help'];
const enter = [program, 'enter', '--pod', 'x'];
// the client is loaded and reads the kubeconfig, which lacks that context
const load = [...enter, '--kube-context', 'none'];
// goes all stages of loading and prints one line
const explain = { args: [program, 'print', '--explain', 'version'], exitCode: 0, cache: 'on' } as const;

const subjects = [
  subject({ name: 'node -e 0', args: ['-e', '0'], exitCode: 0, cache: 'off' }),
  subject({ name: 'devspace --version', args: [program, '--version'], exitCode: 0, cache: 'on', limit: 1.3 }),
  subject({ name: 'devspace --help', args: help, exitCode: 0, cache: 'on' }),
  subject({ name: 'devspace --help, no cache', args: help, exitCode: 0, cache: 'off' }),
  subject({ name: 'enter, cluster client loaded', args: load, exitCode: 1, cache: 'on', limit: 2 }),
  subject({ name: 'enter, client loaded, no cache', args: load, exitCode: 1, cache: 'off' }),
  // the same with two answers of an API server that has no such pod
  subject({ name: 'enter, two answers', args: enter, exitCode: 1, cache: 'on' }),
  subject({ name: 'enter, two answers, no cache', args: enter, exitCode: 1, cache: 'off' }),
  subject({ name: 'load a file of one line', ...explain, project: 'one line' }),
  subject({ name: 'load 1,000 lines, 50 variables', ...explain, project: '1,000 lines', limitBeyondPrevious: 50 }),
];

async function measure(): Promise<number> {
  const home = mkdtempSync(path.join(tmpdir(), 'devspace-bench-'));
  const cluster = await serveCluster();
  try {
    const env = benchEnvironment(home, cluster);
    // the first run of each fills the cache and is not counted
    for (const each of subjects) await runOnce(each, env);
    for (let round = 0; round < rounds; round += 1) {
      for (const each of subjects) each.runs.push(await runOnce(each, env));
    }
    return report(subjects, cluster);
  } finally {
    await cluster.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function benchEnvironment(home: string, { url }: ClusterAnswers): NodeJS.ProcessEnv {
  writeFileSync(path.join(home, 'reporter.cjs'), reporter);
  writeProjects(home);
  const kubeconfig = path.join(home, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bench',
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
      clusters: [{ name: 'bench', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'bench', user: { token: 'none' } }],
    }),
  );
  return { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), KUBECONFIG: kubeconfig };
}

async function runOnce({ name, args, exitCode, cache, project }: Subject, env: NodeJS.ProcessEnv): Promise<Run> {
  const startedAt = performance.now();
  const home = env['HOME'] ?? '';
  const ours = cache === 'on' ? env : { ...env, DEVSPACE_NO_COMPILE_CACHE: '1' };
  const child = spawn(process.execPath, ['--require', path.join(home, 'reporter.cjs'), ...args], {
    env: ours,
    cwd: project === undefined ? tmpdir() : path.join(home, project),
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [code, processor] = await Promise.all([ended(child), text(child.stdio[3] as Readable)]);
  if (code !== exitCode) {
    throw new Error(`${name} ended with ${code} in place of ${exitCode}; was it built (npm run build)?`);
  }
  return { elapsed: performance.now() - startedAt, processor: Number(processor) };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

function report([base, ...others]: readonly Subject[], { requests }: ClusterAnswers): number {
  if (!base || requests() === 0) throw new Error('no command asked the cluster');
  const processor = ({ runs }: Subject) => median(runs.map((run) => run.processor));
  const elapsed = ({ runs }: Subject) => median(runs.map((run) => run.elapsed));
  const [load = 0] = loadavg();
  console.log(
    `Node.js ${process.version}, ${rounds} interleaved runs each, medians in milliseconds; load ${load.toFixed(1)}\n`,
  );
  console.log(`${''.padEnd(34)}processor            elapsed`);
  let missed = 0;
  for (const [index, each] of [base, ...others].entries()) {
    const factor = elapsed(each) / elapsed(base);
    const previous = others[index - 2] ?? base;
    const beyond = elapsed(each) - elapsed(previous);
    const verdict =
      each.limitBeyondPrevious !== undefined
        ? compare(beyond, each.limitBeyondPrevious, `+ ${beyond.toFixed(0)} ms `)
        : compare(factor, each.limit, '');
    if (verdict.endsWith('MISSED')) missed += 1;
    const columns = [figures(processor(each), processor(each) / processor(base)), figures(elapsed(each), factor)];
    console.log(`${each.name.padEnd(34)}${columns.join('   ')}   ${verdict}`.trimEnd());
  }
  return missed === 0 ? 0 : 1;
}

function compare(value: number, limit: number | undefined, shown: string): string {
  if (limit === undefined) return '';
  return `${shown}${value > limit ? `> ${limit} MISSED` : `≤ ${limit} ok`}`;
}

const figures = (time: number, factor: number): string =>
  `${time.toFixed(0).padStart(5)} ${`${factor.toFixed(2)} ×`.padStart(8)}`;

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

measure().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
