import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { nullLog } from '../../src/core/log.ts';
import { startForwarding } from '../../src/forward/forward-ports.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { createLink } from '../../src/link/create-link.ts';
import { freePort } from '../helpers/bench.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { signal, useNamespace } from './support/namespace.ts';

const namespace = useNamespace();

/** Answers like a database: says hello, and gives back what came when the client has said its last word. */
const server = `
require('net').createServer({ allowHalfOpen: true }, socket => {
  socket.on('error', () => {});
  socket.write('hello\\n');
  const chunks = [];
  socket.on('data', chunk => chunks.push(chunk));
  socket.on('end', () => socket.end(Buffer.concat(chunks).reverse()));
}).listen(3000);`;

async function start(name: string) {
  const container = {
    name: 'app',
    image: 'node:20',
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', server],
    readinessProbe: { tcpSocket: { port: 3000 }, periodSeconds: 1 },
  };
  const labels = { app: name };
  const spec = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
  };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
  await namespace.kube.apply(deployment, { defaultNamespace: namespace.name, conflicts: 'fail', signal });
  const controller = new AbortController();
  const query = { namespace: namespace.name, labelSelector: labels };
  const options = { kube: namespace.kube, log: nullLog, timeoutMs: 60_000, signal: controller.signal };
  const link = createLink(query, options);
  const port = await freePort();
  const mappings = [{ port, remotePort: 3000, bindAddress: '127.0.0.1' }];
  const run = { kube: namespace.kube, log: nullLog, signal: controller.signal };
  const handle = startForwarding([{ target: link, mappings }], run);
  onTestFinished(async () => {
    await handle.close();
    controller.abort();
  });
  await handle.ready;
  await link.current(signal);
  return { link, port, pods: () => readyPods(name) };
}

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
