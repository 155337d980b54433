/**
 * Ports and commands through the cluster of `KUBECONFIG`, ours against `kubectl`, alternating: `npm run bench:streams`.
 * Prints a table with ratios; exits 1 if a limit is missed. `KUBECTL` names the program, `BENCH_RUNS` the rounds, `BENCH_SHORT` the short connections of the leak test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createKubeClient } from '../../src/kube/real-client.ts';

const rounds = Number(process.env['BENCH_RUNS'] ?? 3);
const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const image = process.env['BENCH_IMAGE'] ?? 'node:20';
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const megabytes = 256;
const connections = 500;
const shortConnections = Number(process.env['BENCH_SHORT'] ?? 10_000);
const namespace = `devspace-bench-${randomBytes(3).toString('hex')}`;
const { signal } = new AbortController();

/** In the pod: 3001 gives back what came when the client has ended, 3002 counts, 3003 pours. */
const server = `
const net = require('net');
const on = (port, act) => net.createServer({ allowHalfOpen: true }, s => { s.on('error', () => {}); act(s); }).listen(port);
on(3001, s => s.pipe(s));
on(3002, s => { let n = 0; s.on('data', d => n += d.length); s.on('end', () => s.end(String(n))); });
on(3003, s => { s.resume(); let left = ${megabytes}; const block = Buffer.alloc(1048576);
  const more = () => { while (left-- > 0) if (!s.write(block)) return s.once('drain', more); s.end(); }; more(); });`;

interface Way {
  readonly name: string;
  readonly child: ChildProcess;
  /** Local ports for 3001, 3002 and 3003. */
  readonly ports: readonly [number, number, number];
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

async function startWay(name: string): Promise<Way> {
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const mappings = ports.map((port, i) => `${port}:${3001 + i}`);
  const ours = [path.resolve(import.meta.dirname, 'forward-process.mts'), namespace, 'p', ...mappings];
  const theirs = ['-n', namespace, 'port-forward', '--address', '127.0.0.1', 'pod/p', ...mappings];
  const child = name === 'kubectl' ? spawn(kubectl, theirs) : spawn(process.execPath, ['--import', 'tsx', ...ours]);
  child.stderr.pipe(process.stderr);
  await once(child.stdout, 'data');
  child.stdout.resume();
  return { name, child, ports };
}

async function upload({ ports }: Way): Promise<number> {
  const startedAt = performance.now();
  const socket = connect({ port: ports[1], host: '127.0.0.1', allowHalfOpen: true });
  const block = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < megabytes; i += 1) if (!socket.write(block)) await once(socket, 'drain');
  socket.end();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (Number(answer) !== megabytes * block.length) throw new Error(`the pod got ${String(answer)} bytes`);
  socket.destroy();
  return performance.now() - startedAt;
}

async function download({ ports }: Way): Promise<number> {
  const startedAt = performance.now();
  const socket = connect({ port: ports[2], host: '127.0.0.1' });
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) bytes += chunk.length;
  if (bytes !== megabytes * 1024 * 1024) throw new Error(`${bytes} bytes came`);
  return performance.now() - startedAt;
}

/** Resolves with whether 2 KB came back. */
function echo({ ports }: Way): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port: ports[0], host: '127.0.0.1' });
    let bytes = 0;
    socket.on('data', ({ length }) => {
      bytes += length;
      if (bytes === 2048) socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(bytes === 2048));
    socket.write(Buffer.alloc(2048, 'e'));
  });
}

async function burst(way: Way): Promise<{ ms: number; errors: number }> {
  const startedAt = performance.now();
  const results = await Promise.all(Array.from({ length: connections }, () => echo(way)));
  return { ms: performance.now() - startedAt, errors: results.filter((ok) => !ok).length };
}

/** Resident memory in MiB and open files of a process (Linux). */
function footprint({ pid }: ChildProcess): { mib: number; files: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return { mib: Math.round(kib / 1024), files: readdirSync(`/proc/${pid}/fd`).length };
}

async function leaks(way: Way, count: number): Promise<{ errors: number }> {
  let left = count;
  let errors = 0;
  const worker = async () => {
    while (left-- > 0) if (!(await echo(way))) errors += 1;
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  return { errors };
}

interface Finished {
  readonly ms: number;
  readonly mib: number;
}

/** A command; with `mib` that many MiB go in and are thrown away when they come out. */
async function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; mib?: number },
): Promise<Finished> {
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: options.cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  let most = 0;
  const watch = setInterval(() => {
    try {
      // a process that has just ended tells no memory
      most = Math.max(most, footprint(child).mib || 0);
    } catch {
      // it has ended
    }
  }, 50);
  let bytes = 0;
  child.stdout.on('data', ({ length }: Buffer) => {
    bytes += length;
  });
  const block = Buffer.alloc(1024 * 1024);
  const exited = once(child, 'close');
  for (let i = 0; i < (options.mib ?? 0); i += 1) if (!child.stdin.write(block)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = (await exited) as [number];
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}`);
  if (bytes !== (options.mib ?? 0) * block.length) throw new Error(`${bytes} bytes came out of ${command}`);
  return { ms: performance.now() - startedAt, mib: most };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const missed: string[] = [];

function row(name: string, ours: number, theirs: number, limit: number): void {
  const ratio = ours / theirs;
  const words = `${name.padEnd(34)} ${ours.toFixed(0).padStart(8)} ${theirs.toFixed(0).padStart(8)}  ${ratio.toFixed(2)} times`;
  console.log(`${words}  (limit ${limit.toFixed(2)})`);
  if (ratio > limit) missed.push(name);
}

async function measurePorts(): Promise<void> {
  const ways = [await startWay('ours'), await startWay('kubectl')] as const;
  const figures = new Map<string, [number[], number[]]>();
  const note = (what: string, index: number, value: number) => {
    const entry = figures.get(what) ?? [[], []];
    entry[index]?.push(value);
    figures.set(what, entry);
  };
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [i, way] of ways.entries()) note(`${megabytes} MiB up, ms`, i, await upload(way));
      for (const [i, way] of ways.entries()) note(`${megabytes} MiB down, ms`, i, await download(way));
      for (const [i, way] of ways.entries()) {
        const { ms, errors } = await burst(way);
        note(`${connections} connections x 2 KB, ms`, i, ms);
        if (errors > 0) console.log(`  ${way.name}: ${errors} of ${connections} failed`);
        if (errors > 0 && i === 0) missed.push(`${errors} of ${connections} connections failed`);
      }
    }
    for (const [what, [ours, theirs]] of figures) row(what, median(ours), median(theirs), 1);
    const [ours] = ways;
    await leaks(ours, 1000);
    const before = footprint(ours.child);
    const { errors } = await leaks(ours, shortConnections);
    const after = footprint(ours.child);
    console.log(
      `${shortConnections} short connections: ${errors} errors, memory ${before.mib} → ${after.mib} MiB, open files ${before.files} → ${after.files}`,
    );
    if (errors > 0 || after.files > before.files + 8) missed.push('short connections leak');
  } finally {
    for (const { child } of ways) child.kill();
  }
}

async function measureCommands(cwd: string): Promise<void> {
  writeFileSync(path.join(cwd, 'devspace.yaml'), 'version: v2beta1\nname: bench\n');
  const ours = (...command: string[]) => [program, 'enter', '-n', namespace, '--pod', 'p', '--', ...command];
  const theirs = (...command: string[]) => ['-n', namespace, 'exec', '-i', 'p', '--', ...command];
  const times: [number[], number[]] = [[], []];
  const through: [number[], number[]] = [[], []];
  let mib = 0;
  for (let round = 0; round < rounds * 3; round += 1) {
    times[0].push((await run(process.execPath, ours('true'), { cwd })).ms);
    times[1].push((await run(kubectl, theirs('true'), { cwd })).ms);
  }
  for (let round = 0; round < rounds; round += 1) {
    const own = await run(process.execPath, ours('cat'), { cwd, mib: 1024 });
    mib = Math.max(mib, own.mib);
    through[0].push(own.ms);
    through[1].push((await run(kubectl, theirs('cat'), { cwd, mib: 1024 })).ms);
  }
  row('enter -- true, ms', median(times[0]), median(times[1]), 1.3);
  row('1 GiB through enter -- cat, ms', median(through[0]), median(through[1]), 1 / 0.9);
  console.log(`memory of ours at 1 GiB: at most ${mib} MiB`);
}

const kube = await createKubeClient({ files: process.env['KUBECONFIG'], namespace, inCluster: false });
const apply = (object: Parameters<typeof kube.apply>[0]) =>
  kube.apply(object, { defaultNamespace: namespace, conflicts: 'take', signal });
const ifNoAccount = (error: Error) => {
  if (/serviceaccount|service account/.test(error.message)) return undefined;
  throw error;
};
const cwd = mkdtempSync(path.join(tmpdir(), 'devspace-bench-'));
await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
try {
  const container = { name: 'c', image, imagePullPolicy: 'IfNotPresent', command: ['node', '-e', server] };
  // the account of a namespace comes a moment after it, and its token later still; nothing here needs that
  const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
  while (!(await apply(pod).catch(ifNoAccount))) await new Promise((resolve) => setTimeout(resolve, 100));
  for await (const event of kube.watch({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal })) {
    if ('object' in event && JSON.stringify(event.object['status']).includes('"running"')) break;
  }
  console.log(
    `load ${loadavg()
      .map((value) => value.toFixed(1))
      .join(' ')}, medians of ${rounds} rounds\n`,
  );
  console.log(`${''.padEnd(34)} ${'ours'.padStart(8)} ${'kubectl'.padStart(8)}`);
  await measurePorts();
  await measureCommands(cwd);
} finally {
  await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, signal);
  rmSync(cwd, { recursive: true, force: true });
}
if (missed.length > 0) console.log(`\nmissed: ${missed.join(', ')}`);
process.exit(missed.length > 0 ? 1 : 0);
