import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxHost } from '../../../../src/embedded/sandbox/host.ts';
import type { PodSandbox } from '../../../../src/embedded/sandbox/sandbox.ts';
import {
  finish,
  openSandboxBench,
  runScript,
  type SandboxBench,
  startIdle,
  textOf,
} from '../../../helpers/sandbox-bench.ts';

let bench: SandboxBench;
beforeAll(async () => {
  bench = await openSandboxBench();
});
afterAll(() => bench.close());

/** Reads until the other side ends, then answers with what came and who it is. */
const echo = `require('net').createServer({ allowHalfOpen: true }, (s) => {
  let all = ''; s.on('data', (d) => { all += d; }); s.on('end', () => s.end(require('os').hostname() + ':' + all.length));
}).listen(8080, () => console.log('up'))`;

async function startEcho(pod: PodSandbox) {
  const command = ['node', '-e', echo];
  const container = await pod.startContainer({ id: 'echo', image: bench.image, command, signal: bench.signal });
  await once(container.stdout, 'readable');
  return container;
}

describe('the network of a pod', () => {
  test('is its own: two pods listen on one port, and each answers with half-close', async () => {
    const pods = await Promise.all([bench.pod('one'), bench.pod('two')]);
    await Promise.all(pods.map(startEcho));
    const answers = pods.flatMap((pod) =>
      [10, 300_000].map(async (size) => {
        const socket = await pod.connect(8080, bench.signal);
        socket.end('x'.repeat(size));
        return textOf(socket);
      }),
    );
    expect(await Promise.all(answers)).toEqual(['one:10', 'one:300000', 'two:10', 'two:300000']);
    const outside = connect(8080, '127.0.0.1');
    await expect(once(outside, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await Promise.all(pods.map((pod) => pod.remove()));
    await expect(pods[0]?.connect(8080, bench.signal)).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  });

  test('refuses where nobody listens, stops waiting when cancelled, and is shared by its containers', async () => {
    const pod = await bench.pod();
    await expect(pod.connect(8081, bench.signal)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
    await expect(pod.connect(8081, AbortSignal.abort())).rejects.toThrow();
    await startEcho(pod);
    const script =
      "node -e \"const s = require('net').connect(8080, '127.0.0.1'); s.end('abc'); s.pipe(process.stdout)\"";
    expect((await runScript(bench, pod, script)).stdout).toBe('web-0:3');
    const socket = await pod.connect(8080, bench.signal);
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await pod.remove();
    await closed;
  });

  test('may listen on ports below 1024 and reaches nothing outside', async () => {
    const pod = await bench.pod();
    const script = `node -e "
      const net = require('net');
      net.createServer().listen(80, () => net.connect(6443, '10.0.0.1').on('error', (e) => { console.log(e.code); process.exit(); }));"`;
    expect((await runScript(bench, pod, script)).stdout).toBe('ENETUNREACH\n');
    await pod.remove();
  });

  test('of the machine can be used instead', async () => {
    const pod = await bench.host.createPod({ id: 'host-net', hostname: 'h', network: 'host', signal: bench.signal });
    const { stdout } = await runScript(bench, pod, 'readlink /proc/self/ns/net; hostname');
    expect(stdout).toContain('h\n');
    const own = await bench.pod();
    expect((await runScript(bench, own, 'readlink /proc/self/ns/net; hostname')).stdout.split('\n')[0]).not.toBe(
      stdout.split('\n')[0],
    );
    await Promise.all([pod.remove(), own.remove()]);
  });

  test('leads to services by name, also a pod to itself, and follows a change', async () => {
    const [client, server] = await Promise.all([bench.pod('client'), bench.pod('server')]);
    await startEcho(server);
    const route = (hostnames: string[], ip: string) => ({
      hostnames,
      ip,
      ports: [80, 5432],
      connect: (_port: number, signal: AbortSignal) => server.connect(8080, signal),
    });
    const ask = (host: string, port: number) =>
      runScript(
        bench,
        client,
        `node -e "const s = require('net').connect(${port}, '${host}'); s.on('error', (e) => console.log(e.code)); s.end('abcd'); s.pipe(process.stdout)"`,
      );
    await client.setServices([route(['db', 'db.default.svc.cluster.local'], '10.96.0.7')]);
    expect((await ask('db', 5432)).stdout).toBe('server:4');
    expect((await ask('10.96.0.7', 80)).stdout).toBe('server:4');
    expect((await ask('db.default.svc.cluster.local', 80)).stdout).toBe('server:4');
    await client.setServices([route(['other'], '10.96.0.8')]);
    expect((await ask('other', 80)).stdout).toBe('server:4');
    expect((await ask('10.96.0.7', 80)).stdout).toMatch(/^E/);
    await Promise.all([client.remove(), server.remove()]);
  });
});

describe('a pod', () => {
  test('that is removed leaves no process and no file', async () => {
    const pod = await bench.pod();
    const container = await startIdle(bench, pod);
    const exec = await container.exec({ command: ['sleep', '1000'], signal: bench.signal });
    const streams = finish(exec);
    await Promise.all([pod.remove(), pod.remove()]);
    await pod.gone;
    expect((await container.exited).exitCode).toBe(137);
    expect((await streams).exitCode).toBe(137);
    expect(readdirSync(path.join(bench.folder, 'pods'))).not.toContain(pod.id);
    await expect(runScript(bench, pod, 'true')).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    await container.remove();
  });

  test('that is killed from outside says so', async () => {
    const pod = await bench.pod();
    const container = await startIdle(bench, pod);
    const holder = Number(/(\d+)/.exec((await runScript(bench, pod, 'echo $PPID')).stdout)?.[1]);
    expect(holder).toBe(0);
    process.kill(container.pid, 'SIGKILL');
    expect((await container.exited).exitCode).toBe(137);
    await pod.remove();
  });

  test('needs a sensible id and is not made when cancelled', async () => {
    const { host, signal } = bench;
    await expect(host.createPod({ id: '../x', hostname: 'x', signal })).rejects.toMatchObject({ code: 'SETUP' });
    await expect(host.createPod({ id: 'x', hostname: 'x', signal: AbortSignal.abort() })).rejects.toThrow();
    const cancel = new AbortController();
    const start = host.createPod({ id: 'late', hostname: 'x', signal: cancel.signal });
    setTimeout(() => cancel.abort(), 5);
    await start.then(
      (pod) => pod.remove(),
      () => {},
    );
    expect(readdirSync(path.join(bench.folder, 'pods'))).not.toContain('late');
  });

  test('has the aliases of its hosts file', async () => {
    const hostAliases = [{ ip: '10.1.2.3', hostnames: ['foo', 'bar'] }];
    const pod = await bench.host.createPod({ id: 'alias', hostname: 'x', hostAliases, signal: bench.signal });
    const { stdout } = await runScript(bench, pod, 'getent hosts bar; getent hosts x; cat /etc/hostname');
    expect(stdout).toMatch(/^10\.1\.2\.3\s+foo bar\n127\.0\.0\.1\s+x\nx\n$/);
    await pod.remove();
  });
});

test('a host that opens again removes what was left', async () => {
  writeFileSync(path.join(bench.folder, 'pods', 'left'), '');
  const again = await openSandboxHost({ folder: bench.folder });
  expect(readdirSync(path.join(bench.folder, 'pods'))).toEqual([]);
  await again.close();
});
