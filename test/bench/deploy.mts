/**
 * Building and deploying on the cluster of `KUBECONFIG` and the engine of `DOCKER_HOST`, ours against `docker` and `kubectl`,
 * alternating: `npm run bench:deploy`. Prints a table; exits 1 if a limit is missed. `BENCH_RUNS` is the number of rounds.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const rounds = Number(process.env['BENCH_RUNS'] ?? 5);
const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const registry = process.env['TEST_REGISTRY'] ?? 'localhost:5000';
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const fileCount = 10_000;
const objectCount = 200;
const folder = mkdtempSync(path.join(tmpdir(), 'devspace-bench-'));
const namespace = `devspace-bench-${randomBytes(3).toString('hex')}`;
const image = `${registry}/devspace-test/${path.basename(folder).toLowerCase()}`;

/** Milliseconds that the program takes; rejects if it fails. */
async function time(command: string, args: readonly string[], cwd = folder): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const [[code], words] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${words}`);
  return performance.now() - startedAt;
}

const devspace = (args: readonly string[], cwd?: string) =>
  time(process.execPath, [program, ...args, '-n', namespace], cwd);

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

let missed = 0;

/** The median of ours, and what it is compared with: milliseconds, or a multiple of the median of theirs. */
function report(name: string, ours: readonly number[], { limit, theirs }: { limit: number; theirs?: number[] }): void {
  const value = median(ours);
  const measured = theirs ? value / median(theirs) : value;
  const isMissed = measured > limit;
  if (isMissed) missed += 1;
  const shown = theirs ? `${measured.toFixed(2)} × ${median(theirs).toFixed(0)} ms` : `${value.toFixed(0)} ms`;
  const unit = theirs ? '×' : 'ms';
  console.log(`${name.padEnd(52)}${shown.padStart(18)}   ${isMissed ? `> ${limit} ${unit} MISSED` : `≤ ${limit} ${unit} ok`}`);
}

function writeLargeProject(): string {
  const large = path.join(folder, 'large');
  for (let index = 0; index < fileCount; index += 1) {
    const parent = path.join(large, 'src', String(index % 100));
    mkdirSync(parent, { recursive: true });
    writeFileSync(path.join(parent, `${index}.js`), `line ${index}\n`.repeat(200));
  }
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: large }\n';
  writeFileSync(path.join(large, 'map.yaml'), map);
  writeFileSync(path.join(large, 'Dockerfile'), 'FROM scratch\nCOPY src /src\n');
  const config = `version: v2beta1\nname: large\nimages:\n  app: { image: ${image}-large }\n`;
  writeFileSync(path.join(large, 'devspace.yaml'), `${config}deployments:\n  app: { kubectl: { manifests: [map.yaml] } }\n`);
  return large;
}

async function unchangedDeploy(large: string): Promise<void> {
  await devspace(['deploy'], large);
  const [plain, touched]: number[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) plain?.push(await devspace(['deploy'], large));
  const now = new Date();
  for (let index = 0; index < fileCount; index += 1) {
    utimesSync(path.join(large, 'src', String(index % 100), `${index}.js`), now, now);
  }
  for (let round = 0; round < rounds; round += 1) touched?.push(await devspace(['deploy'], large));
  report(`deploy, nothing to do, ${fileCount} files`, plain ?? [], { limit: 1000 });
  report('the same with touched times', touched ?? [], { limit: 1000 });
}

async function changedBuild(large: string): Promise<void> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  const change = () => writeFileSync(path.join(large, 'src', '0', '0.js'), randomBytes(8).toString('hex'));
  for (let round = 0; round < rounds; round += 1) {
    change();
    ours.push(await devspace(['build', '--skip-push'], large));
    change();
    theirs.push(await time('docker', ['build', '-q', '-t', `${image}-large:docker`, '.'], large));
  }
  report('build after one change, against docker build', ours, { limit: 1.1, theirs });
}

async function manyObjects(): Promise<void> {
  const many = path.join(folder, 'many');
  mkdirSync(many);
  writeFileSync(
    path.join(many, 'devspace.yaml'),
    'version: v2beta1\nname: many\ndeployments:\n  app: { kubectl: { manifests: [maps.yaml] } }\n',
  );
  const write = (round: string) => {
    const map = (_: unknown, index: number) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: map-${index} }\ndata: { round: "${round}" }\n`;
    writeFileSync(path.join(many, 'maps.yaml'), Array.from({ length: objectCount }, map).join('---\n'));
  };
  const [ours, theirs]: [number[], number[]] = [[], []];
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', 'maps.yaml', '-n', namespace];
  for (let round = 0; round < rounds; round += 1) {
    write(`ours ${round}`);
    ours.push(await devspace(['deploy', '--force-conflicts'], many));
    write(`theirs ${round}`);
    theirs.push(await time(kubectl, apply, many));
  }
  report(`deploy of ${objectCount} objects, against kubectl apply --server-side`, ours, { limit: 0.7, theirs });
}

try {
  console.log(`Node.js ${process.version}, ${rounds} alternating runs each, medians; load ${(loadavg()[0] ?? 0).toFixed(1)}\n`);
  const large = writeLargeProject();
  await unchangedDeploy(large);
  await changedBuild(large);
  await manyObjects();
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  await time(kubectl, ['delete', 'namespace', namespace, '--wait=false'], tmpdir());
}
