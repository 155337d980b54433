import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { sleep } from '../../src/core/abort.ts';
import { nullLog } from '../../src/core/log.ts';
import { startForwarding } from '../../src/forward/forward-ports.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { createLink } from '../../src/link/create-link.ts';
import { freePort } from '../helpers/bench.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { signal, useNamespace } from './support/namespace.ts';
import { nodeContainer } from './support/workloads.ts';

const namespace = useNamespace();

/**
 * On 3000 like a database: says hello, and gives back what came when the client has said its last word. On 3001 as many
 * bytes as the first line says, then how many came after that line. On 3002 it never reads.
 */
const server = `
const listen = (port, act) => require('net').createServer({ allowHalfOpen: true, noDelay: true }, socket => {
  socket.on('error', () => {});
  act(socket);
}).listen(port);
listen(3000, socket => {
  socket.write('hello\\n');
  const chunks = [];
  socket.on('data', chunk => chunks.push(chunk));
  socket.on('end', () => socket.end(Buffer.concat(chunks).reverse()));
});
listen(3001, socket => {
  const block = Buffer.alloc(1024 * 1024, 'x');
  let got = 0, left = 0, ended = false;
  const pour = () => {
    while (left > 0) {
      left -= block.length;
      if (!socket.write(block)) return void socket.once('drain', pour);
    }
    if (ended) socket.end(String(got));
  };
  socket.once('data', head => {
    const end = head.indexOf(10) + 1;
    left = Number(head.subarray(0, end));
    got = head.length - end;
    socket.on('data', chunk => { got += chunk.length; });
    pour();
  });
  socket.on('end', () => { ended = true; if (left <= 0) pour(); });
});
listen(3002, socket => socket.pause());`;

async function start(name: string) {
  const container = nodeContainer(server);
  const labels = { app: name };
  const spec = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
  };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
  await namespace.kube.apply(deployment, applying());
  const controller = new AbortController();
  const query = { namespace: namespace.name, labelSelector: labels };
  const options = { kube: namespace.kube, log: nullLog, timeoutMs: 60_000, signal: controller.signal };
  const link = createLink(query, options);
  const port = await freePort();
  const ports = { database: port, flood: await freePort(), deaf: await freePort() };
  const mappings = Object.values(ports).map((one, i) => ({
    port: one,
    remotePort: 3000 + i,
    bindAddress: '127.0.0.1',
  }));
  const run = { kube: namespace.kube, log: nullLog, signal: controller.signal };
  const handle = startForwarding([{ target: link, mappings }], run);
  onTestFinished(async () => {
    await handle.close();
    controller.abort();
  });
  await handle.ready;
  await link.current(signal);
  return { link, port, ports, deployment, pods: () => readyPods(name) };
}

const applying = () => ({ defaultNamespace: namespace.name, conflicts: 'fail' as const, signal });

async function readyPods(name: string): Promise<Pod[]> {
  const pods = await namespace.pods(`app=${name}`);
  return pods.filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && status?.containerStatuses?.every(({ ready }) => ready),
  );
}

function open(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  return socket;
}

/** Sends, closes its side, and resolves with all that came. */
async function ask(port: number, words: Buffer): Promise<Buffer> {
  const socket = open(port);
  socket.end(words);
  return buffer(socket);
}

const answerTo = (words: Buffer): Buffer => Buffer.concat([Buffer.from('hello\n'), Buffer.from(words).reverse()]);

test('P03: a client that closes its side first gets the whole answer, byte for byte, and so do fifty at once', async () => {
  const { port, pods } = await start('half-close');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  await waitFor(async () => expect((await ask(port, Buffer.from('ab'))).toString()).toBe('hello\nba'), 30);
  const big = randomBytes(3_000_000);
  expect((await ask(port, big)).equals(answerTo(big))).toBe(true);
  const all = Array.from({ length: 50 }, () => randomBytes(5000));
  const answers = await Promise.all(all.map((words) => ask(port, words)));
  expect(answers.every((answer, i) => answer.equals(answerTo(all[i] ?? big)))).toBe(true);
});

test('P02: the local port answers after each of five killed pods, with clients all the time', async () => {
  const { port, link, pods } = await start('killed');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  let stop = false;
  let refused = 0;
  const load = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const socket = open(port);
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') refused += 1;
      });
      socket.end('x');
      await text(socket).catch(() => '');
    }
  });
  for (let round = 0; round < 5; round += 1) {
    const { pod } = await link.current(signal);
    await namespace.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: pod, namespace: namespace.name }, signal);
    const next = await waitFor(async () => {
      const [ready] = await pods();
      expect(ready?.metadata.name).not.toBe(pod);
      expect(ready).toBeDefined();
      return ready?.metadata.name;
    }, 60);
    const words = Buffer.from(`round ${round}`);
    await waitFor(async () => expect(await ask(port, words)).toEqual(answerTo(words)), 15);
    expect((await link.current(signal)).pod).toBe(next);
  }
  stop = true;
  await Promise.all(load);
  expect(refused).toBe(0);
});

test('P06: a connection to a port on which nothing listens ends, and the others go on', async () => {
  const { port, link, pods } = await start('refused');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  const stays = open(port);
  await once(stays, 'data');
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const nothing = await namespace.kube.openPort(await link.current(signal), 3999, controller.signal);
  nothing.end('x');
  await expect(text(nothing)).rejects.toMatchObject({ code: 'PORT_REFUSED' });
  stays.end('still');
  expect(await text(stays)).toBe('llits');
});

test('P03: five hundred connections at once, each byte of each answer', async () => {
  const { port, pods } = await start('many');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  const all = Array.from({ length: 500 }, () => randomBytes(2048));
  const answers = await Promise.all(all.map((words) => ask(port, words)));
  const wrong = answers.filter((answer, i) => !answer.equals(answerTo(all[i] ?? Buffer.alloc(0))));
  expect(wrong).toEqual([]);
});

/** A gigabyte; less where both ends of a stream share the processors with all that is between them. */
const largeMib = Number(process.env['TEST_LARGE_MIB'] ?? 1024);

test(`P03: ${largeMib} MiB in each direction, each through one connection, while a small one is answered`, async () => {
  const { port, ports, pods } = await start('gigabyte');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  const size = largeMib * 1024 * 1024;
  const down = open(ports.flood);
  down.end(`${size}\n`);
  let came = 0;
  for await (const chunk of down as AsyncIterable<Buffer>) came += chunk.length;
  // behind all of it comes the word that nothing followed the line
  expect(came).toBe(size + 1);
  const up = open(ports.flood);
  const answer = text(up);
  up.write('0\n');
  const block = Buffer.alloc(1024 * 1024, 'y');
  const small = Buffer.from('small');
  const between = sleep(200, signal).then(() => ask(port, small));
  for (let sent = 0; sent < size; sent += block.length) if (!up.write(block)) await once(up, 'drain');
  up.end();
  expect(await answer).toBe(String(size));
  expect(await between).toEqual(answerTo(small));
});

test('P03: a program that never reads holds up no other, and little of what it is sent is taken', async () => {
  const { port, ports, pods } = await start('deaf');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  const stays = open(port);
  await once(stays, 'data');
  const deaf = open(ports.deaf);
  let taken = 0;
  const fill = () => {
    while (taken < 64 * 1024 * 1024 && deaf.write(Buffer.alloc(64 * 1024))) taken += 64 * 1024;
  };
  deaf.on('drain', fill);
  fill();
  expect((await ask(port, Buffer.from('ab'))).toString()).toBe('hello\nba');
  expect(taken).toBeLessThan(64 * 1024 * 1024);
  deaf.destroy();
  stays.end('still');
  expect(await text(stays)).toBe('llits');
});

test('P02: the local port stays through a rollout, and from no pod to one', async () => {
  const { link, port, deployment, pods } = await start('rollout');
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  await waitFor(async () => expect((await ask(port, Buffer.from('ab'))).toString()).toBe('hello\nba'), 30);
  const [before] = await pods();
  const change = (spec: object) =>
    namespace.kube.apply({ ...deployment, spec: { ...deployment.spec, ...spec } }, applying());
  const { template } = deployment.spec;
  await change({ template: { ...template, metadata: { ...template.metadata, annotations: { again: 'yes' } } } });
  await waitFor(async () => {
    expect((await pods()).map(({ metadata }) => metadata.name)).not.toContain(before?.metadata.name);
  }, 90);
  await waitFor(async () => expect((await ask(port, Buffer.from('cd'))).toString()).toBe('hello\ndc'), 30);

  await change({ replicas: 0 });
  await waitFor(async () => expect(await namespace.pods('app=rollout')).toEqual([]), 90);
  await waitFor(() => expect(link.state.kind).not.toBe('linked'), 10);
  // in the gap the listener takes a connection
  await once(open(port), 'connect');
  await change({ replicas: 1 });
  await waitFor(async () => expect(await pods()).toHaveLength(1), 60);
  await waitFor(async () => expect((await ask(port, Buffer.from('ef'))).toString()).toBe('hello\nfe'), 15);
});
