import { randomBytes } from 'node:crypto';
import { existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { defer } from '../../../src/core/deferred.ts';
import { UserError } from '../../../src/core/errors.ts';
import type { ExecSession, KubeClient } from '../../../src/kube/client.ts';
import { startKeeper } from '../../../src/terminal/keeper.ts';
import { openTerminal } from '../../../src/terminal/open-terminal.ts';
import { markedCommand } from '../../../src/terminal/remote-shell.ts';
import { errorOf, userErrorOf } from '../../helpers/error-of.ts';
import { localContainer, shells } from '../../helpers/local-container.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { unusable } from '../../helpers/unusable.ts';

const ref = { namespace: 'dev', pod: 'app-1', container: 'app' };

function open(command: readonly string[], signal = new AbortController().signal) {
  const container = localContainer();
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    io[name].on('data', (chunk: Buffer) => {
      text[name] += chunk.toString();
    });
  }
  const code = openTerminal({ kube: container.kube, container: ref, command, io, signal }).then((end) => end.code);
  return { container, io, text, code };
}

test('is a filter: stdin to its end, both outputs apart, the exit code', async () => {
  const { io, text, code, container } = open(['sh', '-c', 'tr a-z A-Z; echo words >&2; exit 7']);
  io.stdin.end('hello');
  expect(await code).toBe(7);
  expect(text).toEqual({ stdout: 'HELLO', stderr: 'words\n' });
  expect(container.running.size).toBe(0);
  expect([io.stdout.destroyed, io.stderr.destroyed]).toEqual([false, false]);
});

test('keeps the words of the command apart', async () => {
  const { text, code, io } = open(['printf', '[%s]', 'a b', '$HOME', '*', '', '"']);
  io.stdin.end();
  expect(await code).toBe(0);
  expect(text.stdout).toBe('[a b][$HOME][*][]["]');
});

test('a command beside its keeper gets every byte of stdin, whatever they look like', async () => {
  const sent = Buffer.concat([
    Buffer.from('start\n\n \\\\\n\0\r\n'),
    randomBytes(300_000),
    Buffer.from('\nno end of line'),
  ]);
  for (const shell of shells) {
    const { kube } = localContainer({ shell });
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    io.stdin.end(sent);
    const [{ code }, got] = await Promise.all([
      openTerminal({ kube, container: ref, command: ['cat'], io, signal: new AbortController().signal }).finally(() =>
        io.stdout.end(),
      ),
      buffer(io.stdout),
    ]);
    expect(code).toBe(0);
    expect(got.equals(sent), shell.join(' ')).toBe(true);
  }
});

test('the command waits for its keeper, and never starts if we are cut off before that', async () => {
  const folder = tempFolder();
  const proof = path.join(folder, 'proof');
  const container = localContainer();
  const release = defer<void>();
  const kube = unusable<KubeClient>('KubeClient', {
    exec: async (...args) => {
      const isKeeper = !args[1].command.includes('touch');
      if (isKeeper) await release.promise;
      return container.kube.exec(...args);
    },
  });
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = new AbortController();
  const failed = errorOf(openTerminal({ kube, container: ref, command: ['touch', proof], io, signal }));
  await vi.waitFor(() => expect(container.running.size).toBe(1));
  io.stdin.write('start\n');
  container.cut();
  await vi.waitFor(() => expect(container.running.size).toBe(0));
  expect(existsSync(proof)).toBe(false);
  release.resolve();
  expect((await failed).message).toBe('the connection was closed');
});

test('a command that was cancelled before its keeper watched is not let go, nor looked for', async () => {
  const container = localContainer();
  const controller = new AbortController();
  const release = defer<void>();
  let keeper: ExecSession | undefined;
  const kube = unusable<KubeClient>('KubeClient', {
    exec: async (...args) => {
      if (args[1].command.includes('true')) return container.kube.exec(...args);
      await release.promise;
      keeper = await container.kube.exec(...args);
      // the keeper is about to watch
      keeper.stdout.once('data', () => controller.abort());
      return keeper;
    },
  });
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = controller;
  const failed = errorOf(openTerminal({ kube, container: ref, command: ['true'], io, signal }));
  release.resolve();
  expect((await failed).name).toBe('CancelledError');
  // one that has to look for its terminal has not ended within the three seconds that it is given
  expect(await keeper?.exit).toBe(0);
  expect(container.running.size).toBe(0);
});

test('a command that cannot be started beside its keeper is told once the keeper is up', async () => {
  const container = localContainer();
  const kube = unusable<KubeClient>('KubeClient', {
    exec: async (...args) => {
      if (args[1].command.includes('true')) throw new UserError('KUBE_STREAM', 'no second stream');
      return container.kube.exec(...args);
    },
  });
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = new AbortController();
  const error = await userErrorOf(openTerminal({ kube, container: ref, command: ['true'], io, signal }));
  expect(error.message).toBe('no second stream');
  for (const child of container.running) child.kill();
});

test('a keeper that cannot be started leaves no command that waits for it', async () => {
  const container = localContainer();
  const kube = unusable<KubeClient>('KubeClient', {
    exec: async (...args) => {
      if (!args[1].command.includes('true')) throw new UserError('KUBE_STREAM', 'no keeper');
      return container.kube.exec(...args);
    },
  });
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = new AbortController();
  const error = await userErrorOf(openTerminal({ kube, container: ref, command: ['true'], io, signal }));
  expect(error.message).toBe('no keeper');
  await vi.waitFor(() => expect(container.running.size).toBe(0));
});

test.each([0, 1, 126, 127, 137, 143, 255])(
  'a command without a shell in its container ends with its code %d',
  async (exit) => {
    const container = localContainer({ shell: ['no-such-shell-of-devspace'] });
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const { signal } = new AbortController();
    io.stdin.end();
    const command = [process.execPath, '-e', `process.exit(${exit})`];
    const { code } = await openTerminal({ kube: container.kube, container: ref, command, io, signal });
    expect(code).toBe(exit);
    await vi.waitFor(() => expect(container.running.size).toBe(0));
  },
);

test('abort ends it, and its processes are gone from the container', async () => {
  const controller = new AbortController();
  const { code, text, container } = open(
    ['sh', '-c', 'sleep 1000 & trap "" PIPE; echo started; wait'],
    controller.signal,
  );
  const failed = errorOf(code);
  await vi.waitFor(() => expect(text.stdout).toBe('started\n'), { timeout: 5_000 });
  controller.abort();
  expect((await failed).name).toBe('CancelledError');
  expect(container.running.size).toBe(0);
});

test('the keeper hangs up what carries its mark, and nothing else', async () => {
  const container = localContainer();
  const { signal } = new AbortController();
  const own = { terminal: 'none', stdin: 'open', signal } as const;
  const keeper = await startKeeper(container.kube, ref, { id: 'mine', signal });
  const marked = await container.kube.exec(ref, {
    ...own,
    command: markedCommand('mine', ['sh', '-c', 'echo up; exec sleep 1000']),
  });
  const other = await container.kube.exec(ref, {
    ...own,
    command: markedCommand('other', ['sh', '-c', 'echo up; cat']),
  });
  await Promise.all([marked, other].map(({ stdout }) => new Promise((resolve) => stdout.once('data', resolve))));
  await keeper?.close('started');
  expect(await marked.exit).toBe(129);
  other.stdin?.end();
  expect(await other.exit).toBe(0);
});

test('a keeper whose run is cancelled while its stream opens leaves no stream', async () => {
  const container = localContainer();
  const controller = new AbortController();
  let opened: ExecSession | undefined;
  const kube = unusable<KubeClient>('KubeClient', {
    exec: async (...args) => {
      opened = await container.kube.exec(...args);
      controller.abort();
      return opened;
    },
  });
  const failed = errorOf(startKeeper(kube, ref, { id: 'cancelled', signal: controller.signal }));
  expect((await failed).name).toBe('AbortError');
  expect(opened?.stdin?.destroyed).toBe(true);
  // it looks for its terminal for ten seconds
  for (const child of container.running) child.kill();
});

test('a terminal that comes up only after we were cut off is hung up, too', async () => {
  const container = localContainer();
  const { signal } = new AbortController();
  const id = randomBytes(8).toString('hex');
  await startKeeper(container.kube, ref, { id, signal });
  container.cut();
  // a keeper that finds nothing and leaves is given the time for it
  await vi.waitFor(() => expect(container.running.size).toBe(0), { timeout: 1_500 }).catch(() => {});
  const command = markedCommand(id, ['sleep', '1000']);
  const late = await container.kube.exec(ref, { command, terminal: 'none', stdin: 'open', signal });
  expect(await late.exit).toBe(129);
  await vi.waitFor(() => expect(container.running.size).toBe(0), { timeout: 15_000 });
});

test.each([['bash'], ['sh']])(
  'T05: without a command it is %s, the best shell that the container has',
  async (shell) => {
    const bin = tempFolder();
    for (const name of ['sh', shell, 'tr', 'grep', 'sleep']) {
      if (!existsSync(path.join(bin, name))) symlinkSync(`/bin/${name}`, path.join(bin, name));
    }
    const { kube } = localContainer({ env: { PATH: bin } });
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const { signal } = new AbortController();
    io.stdin.end('echo "it is $0"\n');
    expect((await openTerminal({ kube, container: ref, command: undefined, io, signal })).code).toBe(0);
    expect(String(io.stdout.read())).toBe(`it is ${shell}\n`);
  },
);

test('T05: a container without any shell is told as such', async () => {
  const { kube, running } = localContainer({ shell: ['no-such-shell-of-devspace'] });
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = new AbortController();
  const error = await userErrorOf(openTerminal({ kube, container: ref, command: undefined, io, signal }));
  expect([error.code, error.message]).toEqual(['TERMINAL_SHELL', 'Container app of pod app-1 has no shell.']);
  await vi.waitFor(() => expect(running.size).toBe(0));
});
