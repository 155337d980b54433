import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { isPodReady, type Pod } from '../../../src/embedded/api/pod-types.ts';
import { createKubeClient } from '../../../src/kube/real-client.ts';
import { freePort, isOpen } from '../../helpers/bench.ts';
import { startTestCluster, type TestCluster } from '../../helpers/embedded-cluster.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitFor } from '../../helpers/wait-for.ts';
import { type DevStart, startDev } from '../support/dev-run.ts';

/** A cluster of its own, in this process, so that it can be made to misbehave. */
let bench: TestCluster;
beforeAll(async () => {
  bench = await startTestCluster();
});
afterAll(() => bench.close());
afterEach(() => bench.cluster.faults.clear());

/** Says a greeting, then gives back what it gets, on the port and address. */
const echo = (greeting: string, port = 3000, host = '0.0.0.0') => `
require('net').createServer({ allowHalfOpen: true }, socket => {
  socket.on('error', () => {});
  socket.write('${greeting} ');
  socket.pipe(socket);
}).listen(${port}, '${host}');`;

async function startPod(name: string, script = echo(name), namespace = 'default'): Promise<void> {
  const container = { name: 'c', image: 'node:20', command: ['node', '-e', script] };
  const metadata = { name, namespace, labels: { app: name } };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  bench.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  const { objects } = bench.cluster;
  await waitFor(() => {
    const pod = objects.get<Pod>(objects.resources.builtIn('pods'), { namespace, name });
    expect(pod && isPodReady(pod)).toBe(true);
  }, 30);
}

interface ForwardStart {
  readonly app: string;
  readonly port?: number;
  readonly remotePort?: number;
  readonly bindAddress?: string;
}

/** `devspace dev` that forwards one port to the pods with the label. */
async function startForward(
  { app, port: wanted, remotePort = 3000, bindAddress }: ForwardStart,
  { env, ...more }: Partial<DevStart> = {},
) {
  const port = wanted ?? (await freePort());
  const forward = [{ port, remotePort, ...(bindAddress === undefined ? {} : { bindAddress }) }];
  const dev = { ports: [{ labelSelector: { app }, forward }] };
  const run = startDev({ dev, env: { KUBECONFIG: bench.cluster.kubeconfig, ...env }, ...more });
  return { ...run, port };
}

function open(port: number, host = '127.0.0.1'): Socket {
  const socket = connect({ port, host, allowHalfOpen: true });
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

/** Resolves when it is closed; P03: by a reset, since a clean end would pass a cut answer off as a whole one. */
const isReset = (socket: Socket) =>
  new Promise<boolean>((resolve) => {
    let code: string | undefined;
    socket.once('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.once('close', () => resolve(code === 'ECONNRESET'));
  });

/** Sends, closes its side, and resolves with all that came; a reset is an empty answer. */
async function ask(port: number, words: string, host?: string): Promise<string> {
  const socket = open(port, host);
  socket.end(words);
  return text(socket).catch(() => '');
}

const answers = (port: number, answer: string, seconds = 30) =>
  waitFor(async () => expect(await ask(port, 'word')).toBe(`${answer} word`), seconds);

/** Ctrl-C ends it with its code, and its port is free. */
async function endsClean(run: { readonly port: number; interrupt(): Promise<number | null> }): Promise<void> {
  expect(await run.interrupt()).toBe(130);
  expect(await isOpen(run.port)).toBe(false);
}

const portForwards = { subresource: 'portforward' } as const;

test('P01: a port of another run of ours is told with that run, which goes on', async () => {
  await startPod('own-run');
  const first = await startForward({ app: 'own-run' });
  await answers(first.port, 'own-run');
  const second = await startForward({ app: 'own-run', port: first.port });
  expect(await second.ended).toBe(1);
  expect(second.told()).toMatch(/\[PORT_UNAVAILABLE\]/);
  expect(second.told()).toContain(`127.0.0.1:${first.port} cannot be opened: `);
  expect(second.told()).toContain(`(process ${first.pid}) uses it.`);
  await answers(first.port, 'own-run');
  await endsClean(first);
});

/** Ports below are only for those who may; 0: all ports are for all, and the fault cannot happen on this machine. */
const firstFree = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

test.runIf(firstFree > 1)('P01: a port below 1024 is told as one that needs more rights', async () => {
  // root of a namespace of its own has no rights over the ports of the machine
  const wrapper = ['unshare', '--user', '--map-root-user'];
  const run = await startForward({ app: 'nobody', port: firstFree - 1 }, { wrapper });
  expect(await run.ended).toBe(1);
  expect(run.told()).toMatch(/\[PORT_UNAVAILABLE\]/);
  expect(run.told()).toContain(`127.0.0.1:${firstFree - 1} cannot be opened: ports below 1024 need more rights.`);
  expect(run.told()).toContain('Take a `port` from 1024 on');
});

test('P01: of two ports the one that is free is not left open when the other one is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const taken = (server.address() as { port: number }).port;
  const free = await freePort();
  const forward = [free, taken].map((port) => ({ port, remotePort: 3000 }));
  const dev = { ports: [{ labelSelector: { app: 'nobody' }, forward }] };
  const run = startDev({ dev, env: { KUBECONFIG: bench.cluster.kubeconfig } });
  expect(await run.ended).toBe(1);
  expect(run.told()).toContain(`127.0.0.1:${taken} cannot be opened: `);
  expect(await isOpen(free)).toBe(false);
});

test.each([429, 500, 0])(
  'P04: a server that answers %i at first is asked again while the client waits',
  async (code) => {
    const app = `passing-${code}`;
    await startPod(app);
    const run = await startForward({ app });
    await run.waitFor(/Forwarding/);
    bench.cluster.faults.add({ kind: 'fail', code, times: 2, ...portForwards });
    expect(await ask(run.port, 'word')).toBe(`${app} word`);
    await endsClean(run);
    expect(run.told()).not.toContain('injected');
  },
);

test.each([401, 403, 500])('P04: a server that always answers %i is told once, and the port stays', async (code) => {
  const app = `refused-${code}`;
  await startPod(app);
  const run = await startForward({ app });
  await run.waitFor(/Forwarding/);
  const takeBack = bench.cluster.faults.add({ kind: 'fail', code, ...portForwards });
  const startedAt = Date.now();
  expect(await Promise.all([ask(run.port, 'x'), ask(run.port, 'y')])).toEqual(['', '']);
  if (code !== 500) expect(Date.now() - startedAt).toBeLessThan(9_000);
  await run.waitFor(new RegExp(`Port ${run.port}: .*injected failure ${code}`));
  expect(run.told().match(/injected failure/g)).toHaveLength(1);
  takeBack();
  await answers(run.port, app);
  await endsClean(run);
});

test('P03, P04: the API server starts anew, and an expired login is renewed; the port answers again by itself', async () => {
  await startPod('restarted');
  const { authenticator, faults } = bench.cluster;
  authenticator.addToken('first', { name: 'dev', groups: ['system:masters'] });
  const kubeconfig = bench.kubeconfig('first');
  const run = await startForward({ app: 'restarted' }, { env: { KUBECONFIG: kubeconfig } });
  await answers(run.port, 'restarted');
  const held = open(run.port);
  await once(held, 'data');
  faults.restart(500);
  expect(await isReset(held)).toBe(true);
  await answers(run.port, 'restarted');
  // as `aws eks update-kubeconfig` and its like do it
  authenticator.addToken('second', { name: 'dev', groups: ['system:masters'] });
  writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replaceAll('first', 'second'));
  authenticator.revoke('first');
  faults.restart(0);
  await answers(run.port, 'restarted');
  await endsClean(run);
});

test('P05: a dial that nobody answers ends the connection in time, and Ctrl-C while it waits frees the port', async () => {
  await startPod('dial');
  bench.cluster.faults.add({ kind: 'black-hole', afterBytes: 0, times: 1, ...portForwards });
  const run = await startForward({ app: 'dial' });
  await run.waitFor(/Forwarding/);
  expect(await ask(run.port, 'x')).toBe('');
  await run.waitFor(/no answer within 30 seconds/);
  await answers(run.port, 'dial');
  await endsClean(run);
  bench.cluster.faults.add({ kind: 'black-hole', afterBytes: 0, ...portForwards });
  const again = await startForward({ app: 'dial' });
  await again.waitFor(/Forwarding/);
  await once(open(again.port), 'connect');
  await endsClean(again);
});

test('P03, P05: a connection that falls silent is given up in time, the next one goes through; Ctrl-C frees the port', async () => {
  await startPod('silent');
  const run = await startForward({ app: 'silent' });
  await answers(run.port, 'silent');
  const held = open(run.port);
  await once(held, 'data');
  const lost = isReset(held);
  expect(bench.cluster.faults.strike({ kind: 'black-hole', afterBytes: 0, ...portForwards })).toBeGreaterThan(0);
  const startedAt = Date.now();
  expect(await lost).toBe(true);
  expect(Date.now() - startedAt).toBeLessThan(45_000);
  // the next one may find the tunnel that waited for it, which has fallen silent, too, and shows it just as late
  await answers(run.port, 'silent', 90);
  const again = open(run.port);
  await once(again, 'data');
  bench.cluster.faults.strike({ kind: 'black-hole', afterBytes: 0, ...portForwards });
  await endsClean(run);
});

test('P06: a program that listens only on an IPv6 address of the pod is reached', async () => {
  await startPod('six', echo('six', 3000, '::1'));
  const run = await startForward({ app: 'six', bindAddress: '::1' });
  await run.waitFor(/Forwarding \[::1\]/);
  await waitFor(async () => expect(await ask(run.port, 'word', '::1')).toBe('six word'), 30);
  await endsClean(run);
});

test('P06: 0.0.0.0 is every address of this machine; a bad address is told', async () => {
  await startPod('all');
  const run = await startForward({ app: 'all', bindAddress: '0.0.0.0' });
  await answers(run.port, 'all');
  expect(await ask(run.port, 'word', '127.0.0.2')).toBe('all word');
  await endsClean(run);
  for (const bindAddress of ['192.0.2.1', 'no.such.address.invalid', '300.1.1.1']) {
    const bad = await startForward({ app: 'all', bindAddress });
    expect(await bad.ended).toBe(1);
    expect(bad.told()).toContain(`${bindAddress}:${bad.port} cannot be opened: this machine has no such address.`);
    expect(bad.told()).toContain('Change `bindAddress`');
  }
});

test('P06: a container port on which nothing listens is told once; when something does, it is reached', async () => {
  const file = path.join('/tmp', `listen-${randomBytes(4).toString('hex')}`);
  const script = `setInterval(() => require('fs').existsSync('${file}') && eval(code), 100);`;
  const code = `const code = ${JSON.stringify(`if (!global.up) { global.up = 1; ${echo('late')} }`)};`;
  await startPod('late', code + script);
  const run = await startForward({ app: 'late' });
  await run.waitFor(/Forwarding/);
  for (const word of ['a', 'b', 'c']) expect(await ask(run.port, word)).toBe('');
  await run.waitFor(/Port 3000 of pod default\/late: .*refused/i);
  expect(run.told().match(/refused/gi)).toHaveLength(1);
  const kube = await createKubeClient({ files: bench.cluster.kubeconfig, inCluster: false });
  const { signal } = new AbortController();
  const container = { namespace: 'default', pod: 'late', container: 'c' };
  const session = await kube.exec(container, { command: ['touch', file], terminal: 'none', stdin: 'none', signal });
  expect(await session.exit).toBe(0);
  await answers(run.port, 'late');
  await endsClean(run);
});

test('K03: a run stays in its context when another terminal switches it, over a lost connection too', async () => {
  bench.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other', namespace: '' } });
  await startPod('mine', echo('mine'));
  await startPod('mine', echo('theirs'), 'other');
  const config = JSON.parse(readFileSync(bench.cluster.kubeconfig, 'utf8')) as {
    'current-context': string;
    contexts: { name: string; context: object }[];
  };
  const [context] = config.contexts;
  if (!context) throw new Error('no context');
  const current = { name: 'mine', context: { ...context.context, namespace: 'default' } };
  const other = { name: 'theirs', context: { ...context.context, namespace: 'other' } };
  const file = path.join(tempFolder(), 'config');
  const write = (name: string) =>
    writeFileSync(file, JSON.stringify({ ...config, 'current-context': name, contexts: [current, other] }));
  write('mine');
  const run = await startForward({ app: 'mine' }, { env: { KUBECONFIG: file } });
  await answers(run.port, 'mine');
  write('theirs');
  bench.cluster.faults.restart(300);
  await answers(run.port, 'mine');
  bench.cluster.killPod({ namespace: 'default', name: 'mine' });
  await answers(run.port, 'mine');
  expect(await ask(run.port, 'word')).toBe('mine word');
  await endsClean(run);
});
