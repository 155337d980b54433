/**
 * How long a command takes to start, against the start of Node.js itself: `npm run bench`. Prints a table; exits 1 if a
 * limit is missed. Runs are interleaved, so that a busy moment of the machine hits all of them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { type ClusterAnswers, serveCluster } from './empty-cluster.ts';

const runs = Number(process.env['BENCH_RUNS'] ?? 25);
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');

interface Subject {
  readonly name: string;
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly cache: 'on' | 'off';
  /** Median, as a multiple of the median of `node -e 0`. */
  readonly limit?: number;
  readonly times: number[];
}

const subject = (entry: Omit<Subject, 'times'>): Subject => ({ ...entry, times: [] });
const help = [program, '--help'];
const enter = [program, 'enter', '--pod', 'x'];
// the client is loaded and reads the kubeconfig, which lacks that context
const load = [...enter, '--kube-context', 'none'];

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
];

async function measure(): Promise<number> {
  const home = mkdtempSync(path.join(tmpdir(), 'devspace-bench-'));
  const cluster = await serveCluster();
  try {
    const env = benchEnvironment(home, cluster);
    // the first run of each fills the cache and is not counted
    for (const each of subjects) await runOnce(each, env);
    for (let run = 0; run < runs; run += 1) {
      for (const each of subjects) each.times.push(await runOnce(each, env));
    }
    return report(subjects, cluster);
  } finally {
    await cluster.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function benchEnvironment(home: string, { url }: ClusterAnswers): NodeJS.ProcessEnv {
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

/** Milliseconds from the start of the process to its end. */
function runOnce({ name, args, exitCode, cache }: Subject, env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now();
  const ours = cache === 'on' ? env : { ...env, DEVSPACE_NO_COMPILE_CACHE: '1' };
  const child = spawn(process.execPath, args, { env: ours, cwd: tmpdir(), stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      const took = performance.now() - startedAt;
      if (code === exitCode) resolve(took);
      else reject(new Error(`${name} ended with ${code} in place of ${exitCode}; was it built (npm run build)?`));
    });
  });
}

function report([base, ...others]: readonly Subject[], { requests }: ClusterAnswers): number {
  if (!base || requests() === 0) throw new Error('no command asked the cluster');
  const unit = median(base.times);
  const rows = [base, ...others].map(({ name, times, limit }) => {
    const factor = median(times) / unit;
    const verdict = limit === undefined ? '' : factor <= limit ? `≤ ${limit} ok` : `> ${limit} MISSED`;
    return { name, median: `${median(times).toFixed(0)} ms`, factor: `${factor.toFixed(2)} ×`, verdict };
  });
  console.log(`Node.js ${process.version}, ${runs} runs each, interleaved; medians\n`);
  for (const { name, median: time, factor, verdict } of rows) {
    console.log(`${name.padEnd(34)}${time.padStart(8)}${factor.padStart(9)}   ${verdict}`);
  }
  const [load = 0] = loadavg();
  // the runs alone make a load of about one
  if (load > availableParallelism())
    console.log(`\nThe machine is busy (load ${load.toFixed(1)}): repeat it in a quiet moment.`);
  return rows.some(({ verdict }) => verdict.endsWith('MISSED')) ? 1 : 0;
}

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
