/**
 * The figures of the embedded cluster, on one that is started for it as a user would: `npm run bench`. Prints a table;
 * exits 1 if a limit is missed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { askApi } from '../cluster/support/api.ts';

const program = path.resolve(import.meta.dirname, '../../bin/devspace.js');
const home = mkdtempSync(path.join(tmpdir(), 'ds-'));
const core = '/api/v1/namespaces/default';
let missed = 0;

/** `times` in milliseconds; the median must not be over the limit. */
function report(name: string, times: readonly number[], limitMs: number): void {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const isOver = !(median <= limitMs);
  if (isOver) missed += 1;
  const worst = (sorted.at(-1) ?? Number.NaN).toFixed(0).padStart(7);
  const verdict = isOver ? `> ${limitMs} MISSED` : `≤ ${limitMs} ok`;
  console.log(`${name.padEnd(50)}${median.toFixed(0).padStart(7)}${worst}   ${verdict}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

async function embedded(command: 'start' | 'stop'): Promise<void> {
  const env = { ...process.env, HOME: home };
  const child = spawn(process.execPath, [program, 'embedded', command], { env, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`embedded ${command} ended with ${code}; was it built (npm run build)?`);
}

async function create(plural: string, object: object): Promise<void> {
  const { code, text } = await askApi(`${core}/${plural}`, { method: 'POST', body: object });
  if (code !== 201) throw new Error(text);
}

interface Watch {
  /** Resolves when so many lines of JSON for which the test holds have come. */
  until(count: number, test: (line: string) => boolean): Promise<void>;
  close(): void;
}

async function openWatch(query: string): Promise<Watch> {
  const config = JSON.parse(readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { token: string } }];
  };
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  const request = https.get(`${cluster.server}${query}`, {
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
    headers: { authorization: `Bearer ${user.token}` },
    agent: false,
  });
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
  const lines: string[] = [];
  let rest = '';
  const listeners = new Set<() => void>();
  response.on('data', (chunk: Buffer) => {
    const all = (rest + chunk.toString()).split('\n');
    rest = all.pop() ?? '';
    lines.push(...all);
    for (const listener of listeners) listener();
  });
  return {
    until: (count, test) =>
      new Promise((resolve) => {
        const look = () => {
          if (lines.filter(test).length >= count) resolve();
        };
        listeners.add(look);
        look();
      }),
    close: () => request.destroy(),
  };
}

async function measureStarts(): Promise<void> {
  const [first, later]: [number[], number[]] = [[], []];
  first.push(await timed(() => embedded('start')));
  for (let round = 0; round < 4; round += 1) {
    await embedded('stop');
    later.push(await timed(() => embedded('start')));
  }
  report('embedded start, the first time', first, 2000);
  report('embedded start, later', later, 2000);
}

async function measurePods(): Promise<void> {
  const times: number[] = [];
  const watch = await openWatch(`${core}/pods?watch=1`);
  for (let round = 0; round < 15; round += 1) {
    const name = `pod-${round}`;
    const spec = { containers: [{ name: 'c', image: 'busybox', command: ['sleep', '100'] }] };
    const runs = (line: string) => line.includes(`"name":"${name}"`) && line.includes('"phase":"Running"');
    times.push(
      await timed(async () => {
        await create('pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
        await watch.until(1, runs);
      }),
    );
  }
  watch.close();
  report('a pod from create to Running', times, 500);
}

async function measureLists(): Promise<void> {
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: 'value' } });
  for (let index = 0; index < 1000; index += 1) await create('configmaps', object(`list-${index}`));
  const times: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    let count = 0;
    times.push(
      await timed(async () => {
        count = (await askApi(`${core}/configmaps`)).body.items?.length ?? 0;
      }),
    );
    if (count < 1000) throw new Error(`listed ${count} objects`);
  }
  report('1,000 objects listed', times, 100);
}

async function measureWatches(): Promise<void> {
  const watches = await Promise.all(
    Array.from({ length: 100 }, () => openWatch(`${core}/secrets?watch=1&labelSelector=bench%3Dyes`)),
  );
  const all = timed(() => Promise.all(watches.map((watch) => watch.until(20, (line) => line.includes('"ADDED"')))));
  for (let index = 0; index < 20; index += 1) {
    const metadata = { name: `watched-${index}`, labels: { bench: 'yes' } };
    await create('secrets', { apiVersion: 'v1', kind: 'Secret', metadata });
  }
  report('100 watches that each get 20 events', [await all], 2000);
  for (const watch of watches) watch.close();
}

process.env['KUBECONFIG'] = path.join(home, '.devspace/embedded/kubeconfig');
try {
  const [load = 0] = loadavg();
  console.log(`The embedded cluster on Node.js ${process.version}, milliseconds; load ${load.toFixed(1)}\n`);
  console.log(`${''.padEnd(50)} median  worst`);
  await measureStarts();
  await measurePods();
  await measureLists();
  await measureWatches();
} finally {
  await embedded('stop');
  // its files belong to users of its own namespace, so it is their owner who removes them
  spawnSync('unshare', ['--user', '--map-root-user', 'rm', '-rf', home]);
}
process.exitCode = missed === 0 ? 0 : 1;
