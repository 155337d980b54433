import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, symlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { startReverseForwarding } from '../../../src/forward/reverse-ports.ts';
import type { Target, TargetState } from '../../../src/kube/target.ts';
import { freePort, isOpen } from '../../helpers/bench.ts';
import { type LocalContainer, localContainer } from '../../helpers/local-container.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const programs = ['/usr/bin', '/bin', path.dirname(process.execPath)];

function whereIs(program: string): string | undefined {
  const isThere = (file: string) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return programs.map((folder) => path.join(folder, program)).find(isThere);
}

/** What stands for a program under each name by which the container is asked. */
const standIns: Readonly<Record<string, string>> = {
  python3: 'python3',
  python: 'python3',
  perl: 'perl',
  node: 'node',
};
/** The listeners that this machine can run: Node.js is always there, the others are told if they are not. */
const tools = Object.keys(standIns).filter((tool) => whereIs(standIns[tool] ?? tool) !== undefined);
const missing = Object.keys(standIns).filter((tool) => !tools.includes(tool));
if (missing.length > 0)
  console.warn(`Not tried, since this machine does not have them: the listeners ${missing.join(', ')}.`);

/** A container that has just these programs, besides a shell. */
function containerWith(tools: readonly string[]): LocalContainer {
  const bin = tempFolder();
  for (const name of ['sh', 'dd', ...tools]) symlinkSync(whereIs(standIns[name] ?? name) ?? name, path.join(bin, name));
  return localContainer({ env: { PATH: bin } });
}

interface Pod {
  readonly target: Target;
  /** Says that the target is another pod now. */
  replace(name: string): void;
}

function podTarget(): Pod {
  const listeners = new Set<(state: TargetState) => void>();
  let pod = 'app-1';
  const container = () => ({ namespace: 'dev', pod, container: 'app' });
  return {
    target: {
      current: async () => container(),
      lost: () => {},
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    replace(name) {
      pod = name;
      for (const listener of [...listeners]) listener({ kind: 'linked', container: container() });
    },
  };
}

/** A service of this machine. */
async function serviceWith(onConnection: (socket: Socket) => void, port = 0): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Story {
  readonly container?: LocalContainer;
  readonly local: number;
  readonly remote?: number;
}

async function reverse({ container = containerWith(tools.slice(0, 1)), local, remote }: Story) {
  const log = recordingLog();
  const remotePort = remote ?? (await freePort());
  const pod = podTarget();
  const { signal } = new AbortController();
  const mappings = [{ port: local, remotePort, bindAddress: '127.0.0.1' }];
  const handle = startReverseForwarding([{ target: pod.target, mappings }], { kube: container.kube, log, signal });
  onTestFinished(async () => {
    await handle.close();
    container.signal('SIGKILL');
  });
  const listens = (times = 1) =>
    vi.waitFor(() => expect(log.lines.filter((line) => line.startsWith('info Forwarding'))).toHaveLength(times), 8_000);
  return { log, handle, pod, container, port: remotePort, listens };
}

function client(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

describe.each(tools)('with %s in the container', (tool) => {
  test('a half-close arrives, and the answer after it, byte for byte, for thirty at once', async () => {
    const local = await serviceWith((socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.once('end', () => socket.end(Buffer.concat(chunks).reverse()));
    });
    const { port, listens } = await reverse({ container: containerWith([tool]), local });
    await listens();
    const sent = [1_500_000, ...Array.from({ length: 29 }, () => 5_000)].map((size) => randomBytes(size));
    const got = await Promise.all(
      sent.map((words) => {
        const socket = client(port);
        socket.end(words);
        return buffer(socket);
      }),
    );
    expect(got.map((words, index) => words.equals(Buffer.from(sent[index] ?? '').reverse()))).toEqual(
      sent.map(() => true),
    );
  });

  test('one that is not read holds up no other, and little of it waits', async () => {
    let written = 0;
    const local = await serviceWith((socket) => {
      socket.once('data', (words: Buffer) => {
        if (String(words) === 'quick') {
          socket.end('answer');
          return;
        }
        const more = (): void => {
          written += 65_536;
          socket.write(Buffer.alloc(65_536), (error) => {
            if (!error && written < 400_000_000) more();
          });
        };
        more();
      });
    });
    const { port, listens } = await reverse({ container: containerWith([tool]), local });
    await listens();
    const slow = client(port);
    slow.pause();
    slow.write('flood');
    await vi.waitFor(() => expect(written).toBeGreaterThan(0));
    for (let round = 0; round < 5; round += 1) {
      const quick = client(port);
      quick.write('quick');
      expect(await text(quick)).toBe('answer');
    }
    // what the kernel keeps of the three sockets on the way, and one window
    expect(written).toBeLessThan(40_000_000);
  });

  test('a reset of one connection arrives, and harms no other', async () => {
    const broken: string[] = [];
    const local = await serviceWith((socket) => {
      socket.on('data', (words: Buffer) => socket.write(words));
      socket.once('error', (error) => broken.push(error.message));
    });
    const { port, listens } = await reverse({ container: containerWith([tool]), local });
    await listens();
    const [first, second] = [client(port), client(port)];
    first.write('a');
    second.write('b');
    await Promise.all([once(first, 'data'), once(second, 'data')]);
    first.resetAndDestroy();
    await vi.waitFor(() => expect(broken).toHaveLength(1));
    second.write('c');
    expect(String((await once(second, 'data'))[0])).toBe('c');
  });

  test('R01: a local service that is down closes that connection and is told once; one that comes up is reached', async () => {
    const local = await freePort();
    const { port, log, listens } = await reverse({ container: containerWith([tool]), local });
    await listens();
    for (let round = 0; round < 3; round += 1) await closed(client(port));
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      `warn Port ${port} of the container: nothing listens on port ${local} of this machine; the connection was closed.`,
    ]);
    await serviceWith((socket) => socket.end('up'), local);
    expect(await text(client(port))).toBe('up');
  });

  test('R02: a container port that is taken is told with its number, and opened when it is free', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const remote = (taken.address() as AddressInfo).port;
    const local = await serviceWith((socket) => socket.end('reached'));
    const { log, listens } = await reverse({ container: containerWith([tool]), local, remote });
    await vi.waitFor(() => expect(log.lines).not.toEqual([]), 8_000);
    expect(log.lines).toEqual([
      `warn Port ${remote} at 127.0.0.1 of container app, pod app-1, cannot be opened: another program listens there. Trying again.`,
    ]);
    await new Promise((resolve) => taken.close(resolve));
    await listens();
    expect(await text(client(remote))).toBe('reached');
  });

  test('nothing is left in the container when we are gone', async () => {
    const local = await serviceWith((socket) => socket.end('x'));
    const { port, handle, container, listens } = await reverse({ container: containerWith([tool]), local });
    await listens();
    expect(container.running.size).toBe(1);
    await handle.close();
    await vi.waitFor(() => expect(container.running.size).toBe(0));
    expect(await isOpen(port)).toBe(false);
  });
});

test('R03: a listener that is killed comes back, and what it carried ends', async () => {
  const local = await serviceWith((socket) => socket.write('hello'));
  const { port, container, listens, log } = await reverse({ local });
  await listens();
  const carried = client(port);
  await once(carried, 'data');
  const ended = once(carried, 'end');
  container.signal('SIGKILL');
  await ended;
  await listens(2);
  expect(String((await once(client(port), 'data'))[0])).toBe('hello');
  expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([expect.stringContaining('exit code 137')]);
});

test('R03: a stream that is lost, and a pod that is replaced, come back', async () => {
  const local = await serviceWith((socket) => socket.end('hello'));
  const { port, container, pod, listens } = await reverse({ local });
  await listens();
  container.cut();
  await listens(2);
  pod.replace('app-2');
  await listens(3);
  expect(await text(client(port))).toBe('hello');
  await vi.waitFor(() => expect(container.running.size).toBe(1));
});

test('a container that has nothing to listen with is told what it needs, and tried again only when it is another one', async () => {
  const { log, pod, container } = await reverse({ container: containerWith([]), local: 1 });
  const told = () => log.lines.filter((line) => line.startsWith('warn'));
  await vi.waitFor(() => expect(told()).toHaveLength(1));
  expect(told()[0]).toMatch(/Container app of pod app-1 has none of the programs python3, python, perl, node.*`sh`/);
  const tries = container.commands.length;
  pod.replace('app-2');
  await vi.waitFor(() => expect(container.commands.length).toBe(tries + 1));
});

test('what must not be asked again is told once', async () => {
  const container = localContainer();
  let tries = 0;
  const exec = async () => {
    tries += 1;
    throw new UserError('KUBE_FORBIDDEN', 'you may not create pods/exec');
  };
  const { log } = await reverse({ container: { ...container, kube: { ...container.kube, exec } }, local: 1 });
  await vi.waitFor(() => expect(log.lines).toEqual([expect.stringContaining('you may not create pods/exec')]));
  expect(tries).toBe(1);
});
