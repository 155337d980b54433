import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const run = promisify(execFile);
/** Another one for each target: that of the one before takes a while to go. */
let namespace = '';
let inPod: readonly string[] = [];

export async function startTarget(image: string): Promise<void> {
  namespace = `devspace-bench-${randomBytes(3).toString('hex')}`;
  inPod = ['-n', namespace, 'exec', '-i', 'target', '--'];
  await run(kubectl, ['create', 'namespace', namespace]);
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['sleep', '9999999'] }],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'target', namespace, labels: { app: 'target' } }, spec };
  for (let tries = 0; ; tries += 1) {
    const child = spawn(kubectl, ['create', '-f', '-'], { stdio: ['pipe', 'ignore', tries < 20 ? 'ignore' : 'inherit'] });
    child.stdin.end(JSON.stringify(pod));
    const [code] = (await once(child, 'close')) as [number];
    if (code === 0) break;
    // the service account comes a moment after the namespace
    if (tries === 20) throw new Error('the pod cannot be made');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await run(kubectl, ['-n', namespace, 'wait', 'pod/target', '--for=condition=Ready', '--timeout=120s']);
}

export const removeTarget = () => run(kubectl, ['delete', 'namespace', namespace, '--wait=false']);

export const sh = async (script: string): Promise<string> =>
  (await run(kubectl, [...inPod, 'sh', '-c', script], { maxBuffer: 64 * 1024 * 1024 })).stdout;

/** Milliseconds for the folder through `tar | kubectl exec tar`. */
export async function rawUpload(folder: string, target: string, names: readonly string[] = ['.']): Promise<number> {
  await sh(`rm -rf ${target}; mkdir -p ${target}`);
  const startedAt = performance.now();
  const pack = spawn('tar', ['-cf', '-', '-C', folder, '--exclude=./.devspace', ...names], { stdio: ['ignore', 'pipe', 'inherit'] });
  const unpack = spawn(kubectl, [...inPod, 'tar', '-xf', '-', '-C', target], { stdio: [pack.stdout, 'inherit', 'inherit'] });
  const [code] = (await once(unpack, 'close')) as [number];
  if (code !== 0) throw new Error(`tar in the container: exit code ${code}`);
  return performance.now() - startedAt;
}

export interface Syncing {
  readonly child: ChildProcess;
  /** Milliseconds from the start of the process until both sides were equal. */
  readonly ready: Promise<number>;
  stop(): Promise<void>;
}

/** The built program on a folder. */
export function startSyncing(folder: string, target: string, flags: readonly string[] = [], kubeconfig?: string): Syncing {
  const startedAt = performance.now();
  const args = ['sync', '-n', namespace, '--path', `.:${target}`, '-l', 'app=target', ...flags];
  const env = { ...process.env, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) };
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env, stdio: ['ignore', 'inherit', 'pipe'] });
  let said = '';
  const closed = once(child, 'close');
  const ready = new Promise<number>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('is in step')) resolve(performance.now() - startedAt);
    });
    closed.then(() => reject(new Error(`it ended: ${said}`))).catch(reject);
  });
  ready.catch(() => {});
  return {
    child,
    ready,
    async stop() {
      child.kill('SIGINT');
      await closed;
    },
  };
}

/** What was started by `kubectl exec` goes on in the container when that ends. */
function stopThere(child: ChildProcess, name: string): Promise<unknown> {
  child.kill('SIGKILL');
  return sh(`kill $(cat /tmp/${name}.pid) 2>/dev/null || true`);
}

/** A shell in the container that prints the first line of a file whenever it changes, for edits that go there. */
export function watchThere(file: string) {
  const pause = 'usleep 2000 2>/dev/null || sleep 0.002';
  const script = `echo $$ >/tmp/watch.pid; while :; do read -r x <${file} 2>/dev/null; [ "$x" = "$y" ] || { echo "$x"; y=$x; }; ${pause}; done 2>/dev/null`;
  const child = spawn(kubectl, [...inPod, 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const seen = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.set(line, performance.now());
    waiting.get(line)?.();
  });
  return {
    async seenAt(text: string): Promise<number> {
      if (!seen.has(text)) await new Promise<void>((resolve) => waiting.set(text, resolve));
      return seen.get(text) ?? 0;
    },
    stop: () => stopThere(child, 'watch'),
  };
}

/** A shell in the container that writes what it is told, for edits that come from there. */
export function writeThere(file: string) {
  const script = `echo $$ >/tmp/write.pid; while read -r x; do echo "$x" >${file}; done`;
  const child = spawn(kubectl, [...inPod, 'sh', '-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
  return { write: (text: string) => void child.stdin.write(`${text}\n`), stop: () => stopThere(child, 'write') };
}

/** A kubeconfig whose server is reached through a counter of bytes. */
export async function countBytes(folder: string) {
  const { stdout } = await run(kubectl, ['config', 'view', '--raw', '--minify', '-o', 'json']);
  const config = JSON.parse(stdout) as { clusters: { cluster: Record<string, unknown> }[] };
  const cluster = config.clusters[0]?.cluster ?? {};
  const { hostname, port } = new URL(String(cluster['server']));
  let bytes = 0;
  const server = createServer((socket) => {
    const other = connect({ host: hostname, port: Number(port) });
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('data', ({ length }) => {
        bytes += length;
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cluster['server'] = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cluster['tls-server-name'] = hostname;
  const file = path.join(folder, 'kubeconfig');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return {
    file,
    take() {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    close: () => void server.close(),
  };
}

/** Milliseconds of processor time that the container has used. */
export async function containerCpuMs(): Promise<number> {
  const files = '/sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage /sys/fs/cgroup/cpu,cpuacct/cpuacct.usage';
  const text = await sh(`cat ${files} 2>/dev/null; true`);
  const micros = /usage_usec (\d+)/.exec(text)?.[1];
  return micros === undefined ? Number(/^\d+/.exec(text)?.[0]) / 1e6 : Number(micros) / 1e3;
}

/** Processor time in milliseconds and memory in MiB of a process here (Linux). */
export function footprint({ pid }: ChildProcess): { cpuMs: number; mib: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, mib: Math.round(kib / 1024) };
}
