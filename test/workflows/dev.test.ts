import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../src/core/errors.ts';
import { dev } from '../../src/workflows/dev.ts';
import { type Bench, type BenchOptions, bornAt, createBench, devOptions, isOpen } from '../helpers/bench.ts';
import { errorOf, userErrorOf } from '../helpers/error-of.ts';

const lockOf = ({ project }: Bench) => path.join(project.root, '.devspace/dev.lock');

async function expectNothingLeft(bench: Bench): Promise<void> {
  expect(existsSync(lockOf(bench))).toBe(false);
  expect(await isOpen(bench.port)).toBe(false);
  await vi.waitFor(() => expect(bench.container.running.size).toBe(0), { timeout: 5_000 });
}

test('does the six steps and returns the exit code of the terminal', async () => {
  const bench = await createBench();
  const { io, engine, remote, project } = bench;
  const before = readFileSync(path.join(project.root, 'Dockerfile'), 'utf8');
  io.stdin.end('typed here\n');
  let printed = '';
  io.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  expect(await dev(project, devOptions(), bench.tools)).toBe(3);
  expect(printed).toBe('typed here\n');
  expect(bench.ran()).toEqual(['built', 'pushed', 'applied', 'forwarded', 'synced', 'attached']);
  expect(readFileSync(path.join(remote, 'index.js'), 'utf8')).toBe('hello');
  expect(readFileSync(path.join(project.root, 'Dockerfile'), 'utf8')).toBe(before);
  expect(engine.builds[0]?.dockerfile).toBe('.dockerfile.devspace');
  const tag = engine.pushes[0]?.tag;
  expect(JSON.stringify(bench.fake.objects[0])).toContain(`localhost:5000/me/app:${tag}`);
  await expectNothingLeft(bench);
});

test('stops before the services if it is told so', async () => {
  const bench = await createBench();
  expect(await dev(bench.project, devOptions({ until: 'deploy' }), bench.tools)).toBe(0);
  expect(bench.ran()).toEqual(['built', 'pushed', 'applied']);
  await expectNothingLeft(bench);
});

describe('a step that fails ends all, and what ran before is closed', () => {
  const boom =
    (code: 'BUILD_FAILED' | 'PUSH_FAILED' | 'KUBE_FORBIDDEN' | 'KUBE_STREAM') => async (): Promise<never> => {
      throw new UserError(code, 'boom');
    };
  const table: readonly (readonly [string, BenchOptions, string, readonly string[]])[] = [
    ['ping', { docker: { ping: boom('BUILD_FAILED') } }, 'BUILD_FAILED', []],
    ['build', { docker: { build: boom('BUILD_FAILED') } }, 'BUILD_FAILED', []],
    ['push', { docker: { push: boom('PUSH_FAILED') } }, 'PUSH_FAILED', ['built']],
    ['apply', { kube: { apply: boom('KUBE_FORBIDDEN') } }, 'KUBE_FORBIDDEN', ['built', 'pushed']],
    [
      'find the pod',
      { kube: { watch: () => ({ [Symbol.asyncIterator]: () => ({ next: boom('KUBE_FORBIDDEN') }) }) } },
      'KUBE_FORBIDDEN',
      ['built', 'pushed', 'applied', 'forwarded'],
    ],
  ];

  test.each(table)('%s', async (_name, options, code, ran) => {
    const bench = await createBench(options);
    const error = await userErrorOf(dev(bench.project, devOptions(), bench.tools));
    expect(error.code).toBe(code);
    expect(bench.ran()).toEqual(ran);
    await expectNothingLeft(bench);
  });

  test('a port that is taken', async () => {
    const bench = await createBench();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(bench.port, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const error = await userErrorOf(dev(bench.project, devOptions(), bench.tools));
    expect([error.code, error.message]).toEqual([
      'PORT_UNAVAILABLE',
      expect.stringMatching(
        `^The local port 127.0.0.1:${bench.port} cannot be opened: (node|another program).* uses it\\.$`,
      ),
    ]);
    expect(bench.ran()).toEqual(['built', 'pushed', 'applied']);
    expect(existsSync(lockOf(bench))).toBe(false);
    expect(server.listening).toBe(true);
  });

  test('the synchronisation that cannot begin', async () => {
    const bench = await createBench();
    const { rmSync } = await import('node:fs');
    rmSync(bench.remote, { recursive: true });
    writeFileSync(bench.remote, 'a file where the folder should be');
    const exec = { ...bench.tools, kube: async () => ({ ...bench.fake.kube }) };
    const error = await errorOf(dev(bench.project, devOptions(), exec));
    expect(error).toBeInstanceOf(Error);
    expect(bench.ran()).toEqual(['built', 'pushed', 'applied', 'forwarded']);
    await expectNothingLeft(bench);
  });
});

test('abort in the terminal closes everything and leaves no process in the container', async () => {
  const bench = await createBench();
  const controller = new AbortController();
  const services = { ...devOptions().services, command: ['sh', '-c', 'echo up; cat', 'attached'] };
  const running = errorOf(dev(bench.project, devOptions({ services, signal: controller.signal }), bench.tools));
  await vi.waitFor(() => expect(bench.io.stdout.readableLength).toBeGreaterThan(0), { timeout: 10_000 });
  expect(await isOpen(bench.port)).toBe(true);
  expect(existsSync(lockOf(bench))).toBe(true);
  controller.abort();
  expect((await running).name).toMatch(/CancelledError/);
  await expectNothingLeft(bench);
});

describe('the lock', () => {
  const lock = (bench: Bench, holder: object | string) => {
    mkdirSync(path.dirname(lockOf(bench)), { recursive: true });
    writeFileSync(lockOf(bench), typeof holder === 'string' ? holder : JSON.stringify(holder));
  };
  const runs = async (bench: Bench) => {
    expect(await dev(bench.project, devOptions({ until: 'deploy' }), bench.tools)).toBe(0);
    expect(existsSync(lockOf(bench))).toBe(false);
  };
  const since = '2026-01-02T03:04:05.000Z';

  test('refuses a second one, with pid and since, before anything is built', async () => {
    const bench = await createBench();
    lock(bench, { pid: process.pid, born: bornAt(process.pid), host: hostname(), since });
    const error = await userErrorOf(dev(bench.project, devOptions(), bench.tools));
    expect(error.code).toBe('PROJECT_LOCKED');
    expect(error.message).toContain(`pid ${process.pid}`);
    expect(error.message).toContain(new Date(since).toLocaleString('sv'));
    expect(error.hint).toContain('devspace enter');
    expect(bench.ran()).toEqual([]);
    expect(existsSync(lockOf(bench))).toBe(true);
  });

  test('of a process that is gone does not stand in the way', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    const bench = await createBench();
    lock(bench, { pid: child.pid, born: '1', host: hostname(), since });
    await runs(bench);
  });

  test('of a process whose number another one has now does not stand in the way', async () => {
    const bench = await createBench();
    lock(bench, { pid: process.pid, born: '1', host: hostname(), since });
    await runs(bench);
  });

  test.each(['', '{"pid": 12', 'null', '[]', '{}', '"text"'])(
    'that says %j does not stand in the way',
    async (text) => {
      const bench = await createBench();
      lock(bench, text);
      await runs(bench);
    },
  );

  test('of another machine is respected, and says so', async () => {
    const bench = await createBench();
    lock(bench, { pid: 1, born: '1', host: 'another-machine', since });
    expect((await userErrorOf(dev(bench.project, devOptions(), bench.tools))).message).toContain('on another-machine');
  });
});
