/**
 * Synchronisation with the cluster of `KUBECONFIG` against a raw tar pipe, alternating: `npm run bench:sync`. Prints a
 * table with the limits; exits 1 if one is missed. `BENCH_IMAGES` names the images, `BENCH_RUNS` the rounds;
 * `BENCH_LARGE=1` adds 100,000 files and a file of 1 GiB. Folders are made in `/dev/shm`, else in the temporary folder.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { timeCheckouts } from './sync-checkout.mts';
import {
  containerCpuMs,
  countBytes,
  footprint,
  rawUpload,
  removeTarget,
  type Syncing,
  sh,
  startSyncing,
  startTarget,
  watchThere,
  writeThere,
} from './sync-cluster.mts';

const images = (process.env['BENCH_IMAGES'] ?? 'busybox:1,debian:12').split(',');
const rounds = Number(process.env['BENCH_RUNS'] ?? 3);
const isLarge = process.env['BENCH_LARGE'] === '1';
const edits = Number(process.env['BENCH_EDITS'] ?? 100);
const idleSeconds = Number(process.env['BENCH_IDLE'] ?? 30);
const base = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'devspace-bench-'));
const missed: string[] = [];

function makeTree(folder: string, count: number): string {
  for (let i = 0; i < count; i += 1) {
    const parent = path.join(folder, `d${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(parent, { recursive: true });
    writeFileSync(path.join(parent, `f${i}.txt`), `${i}\n`.padEnd(4096, 'x'));
  }
  return folder;
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const quantile = (values: readonly number[], share: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

function row(what: string, value: number, limit: number, unit: string): void {
  const isMet = value <= limit;
  if (!isMet) missed.push(what);
  console.log(`${what.padEnd(52)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(6)} limit ${limit} ${isMet ? '' : ' MISSED'}`);
}

async function measureStart(folder: string, count: number, limit: number): Promise<void> {
  const [ours, raw, second]: [number[], number[], number[]] = [[], [], []];
  const counter = await countBytes(base);
  let wire = 0;
  for (let round = 0; round < rounds; round += 1) {
    raw.push(await rawUpload(folder, `/tmp/raw`));
    const target = `/tmp/ours${count}-${round}`;
    rmSync(path.join(folder, '.devspace'), { recursive: true, force: true });
    const first = startSyncing(folder, target, ['--no-watch']);
    ours.push(await first.ready);
    await once(first.child, 'close');
    counter.take();
    const again = startSyncing(folder, target, ['--no-watch'], counter.file);
    second.push(await again.ready);
    await once(again.child, 'close');
    wire = Math.max(wire, counter.take());
    await sh(`rm -rf /tmp/raw ${target}`);
  }
  counter.close();
  const [a, b] = [quantile(ours, 0.5), quantile(raw, 0.5)];
  console.log(`  first synchronisation ${a.toFixed(0)} ms, raw ${b.toFixed(0)} ms`);
  row(`first synchronisation of ${count} files`, a / b, limit, 'times');
  if (count > 10_000) return;
  row('second start with nothing changed', quantile(second, 0.5), 1_000, 'ms');
  row('second start, on the wire', wire / 1000, 100, 'KB');
}

async function measureUp(folder: string, target: string, count = edits): Promise<number[]> {
  const there = watchThere(`${target}/d0/f0.txt`);
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    await sleep(50 + (i % 10) * 20);
    const text = `up ${i} ${performance.now()}`;
    const startedAt = performance.now();
    writeFileSync(path.join(folder, 'd0', 'f0.txt'), `${text}\n`);
    times.push((await there.seenAt(text)) - startedAt);
  }
  await there.stop();
  return times;
}

async function measureDown(folder: string, target: string): Promise<number[]> {
  const there = writeThere(`${target}/d1/f100.txt`);
  const file = path.join(folder, 'd1', 'f100.txt');
  const times: number[] = [];
  for (let i = 0; i < edits / 2; i += 1) {
    await sleep(400 + (i % 10) * 37);
    const text = `down ${i} ${performance.now()}`;
    const startedAt = performance.now();
    there.write(text);
    while (readFileSync(file, 'utf8') !== `${text}\n`) await sleep(2);
    times.push(performance.now() - startedAt);
  }
  await there.stop();
  return times;
}

async function measureIdle({ child }: Syncing): Promise<void> {
  await sleep(62_000);
  const [before, there] = [footprint(child), await containerCpuMs()];
  await sleep(idleSeconds * 1000);
  const [after, thereAfter] = [footprint(child), await containerCpuMs()];
  row('idle, our process', (after.cpuMs - before.cpuMs) / (idleSeconds * 10), 0.5, '%');
  row('idle, the container', (thereAfter - there) / (idleSeconds * 10), 2, '%');
  row('memory at 10,000 files, at rest', after.mib, 150, 'MiB');
}

async function measureLargeFile(folder: string, target: string, usual: number): Promise<void> {
  const block = Buffer.alloc(64 * 1024 * 1024, 'large');
  const file = path.join(base, 'large.bin');
  for (let i = 0; i < 16; i += 1) writeFileSync(file, block, { flag: 'a' });
  const raw = await rawUpload(base, '/tmp/raw', ['large.bin']);
  await sh('rm -rf /tmp/raw');
  const startedAt = performance.now();
  renameSync(file, path.join(folder, 'large.bin'));
  const arrived = sh(`until [ -e ${target}/large.bin ]; do sleep 0.05; done`).then(() => performance.now() - startedAt);
  const during = await measureUp(folder, target, 20);
  const ours = await arrived;
  rmSync(path.join(folder, 'large.bin'));
  console.log(`  1 GiB: ${ours.toFixed(0)} ms, raw ${raw.toFixed(0)} ms`);
  row('1 GiB file, against the raw pipe', ours / raw, 1 / 0.9, 'times');
  row('edits meanwhile, against their usual time', quantile(during, 0.5) / usual, 2, 'times');
}

async function measureCheckout(): Promise<void> {
  const { arrived, raw, status } = await timeCheckouts(base, rounds * 2);
  const shown = (times: readonly number[]) => times.map((ms) => ms.toFixed(0)).join(', ');
  console.log(`  git checkout: ${shown(arrived)} ms; all of it as a raw copy before each: ${shown(raw)} ms`);
  row('git checkout of 5,000 files, the slowest', Math.max(...arrived), 5_000, 'ms');
  row('lines of git status afterwards', status.split('\n').length - 1, 0, 'lines');
}

async function measureImage(image: string): Promise<void> {
  console.log(`\n${image}`);
  const folder = makeTree(path.join(base, 'tree'), 10_000);
  try {
    await startTarget(image);
    await measureStart(folder, 10_000, 1.3);
    const target = '/tmp/watched';
    const syncing = startSyncing(folder, target);
    await syncing.ready;
    await sleep(2_000);
    const hasInotify = (await sh('command -v inotifywait || true')) !== '';
    const up = await measureUp(folder, target);
    row('edit visible in the container, p50', quantile(up, 0.5), 60, 'ms');
    row('edit visible in the container, p99', quantile(up, 0.99), 200, 'ms');
    const down = await measureDown(folder, target);
    const way = hasInotify ? 'inotify' : 'polling';
    row(`edit of the container visible here, ${way}, p50`, quantile(down, 0.5), hasInotify ? 150 : 300, 'ms');
    row('memory at 10,000 files, right after the edits', footprint(syncing.child).mib, 150, 'MiB');
    if (isLarge) await measureLargeFile(folder, target, quantile(up, 0.5));
    if (idleSeconds > 0) await measureIdle(syncing);
    await syncing.stop();
    await measureCheckout();
    if (!isLarge) return;
    rmSync(folder, { recursive: true });
    makeTree(folder, 100_000);
    await measureStart(folder, 100_000, 1.6);
    const large = startSyncing(folder, '/tmp/large');
    await large.ready;
    await sleep(20_000);
    row('memory at 100,000 files', footprint(large.child).mib, 300, 'MiB');
    await large.stop();
  } finally {
    await removeTarget();
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(`load ${loadavg()[0]?.toFixed(2)}, ${rounds} rounds, ${edits} edits`);
try {
  for (const image of images) await measureImage(image);
} finally {
  rmSync(base, { recursive: true, force: true });
}
if (missed.length > 0) console.log(`\nmissed: ${missed.join('; ')}`);
process.exitCode = missed.length > 0 ? 1 : 0;
