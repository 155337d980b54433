import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import type { Target, TargetState } from '../../../src/kube/target.ts';
import { keepTerminal } from '../../../src/terminal/keep-terminal.ts';
import { errorOf } from '../../helpers/error-of.ts';
import { localContainer } from '../../helpers/local-container.ts';

const refs = ['app-1', 'app-2'].map((pod) => ({ namespace: 'dev', pod, container: 'app' }));

function keep(command: readonly string[]) {
  const container = localContainer();
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  let shown = '';
  io.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const notices: string[] = [];
  const lost: string[] = [];
  let tell: (state: TargetState) => void = () => {};
  const target: Target = {
    current: async () => refs[lost.length] ?? { namespace: 'dev', pod: 'none', container: 'app' },
    lost: ({ pod }) => void lost.push(pod),
    subscribe(listener) {
      tell = listener;
      return () => {};
    },
  };
  const { signal } = new AbortController();
  const notice = (text: string) => void notices.push(text);
  const code = keepTerminal({ kube: container.kube, target, command, io, signal, notice });
  code.catch(() => {});
  const isShown = (text: string) => vi.waitFor(() => expect(shown).toBe(text), { timeout: 5_000 });
  return { container, code, notices, isShown, io, tell: (state: TargetState) => tell(state) };
}

const script = ['sh', '-c', 'echo up; read -r word; exit "$word"'];

test('a lost stream is told, and the command starts again in the container of now', async () => {
  const { container, code, notices, isShown, io } = keep(script);
  await isShown('up\n');
  container.cut();
  await isShown('up\nup\n');
  io.stdin.write('5\n');
  expect(await code).toBe(5);
  expect(notices).toEqual([
    expect.stringMatching(/^The terminal in pod app-1 was lost \(.*\); reconnecting, Ctrl-C ends that$/),
    'A new terminal in container app of pod app-2',
  ]);
});

test('what the link says counts, even if the stream does not know it', async () => {
  const { code, notices, isShown, io, tell } = keep(script);
  await isShown('up\n');
  tell({ kind: 'searching', why: 'the container has gone' });
  await isShown('up\nup\n');
  io.stdin.write('0\n');
  expect(await code).toBe(0);
  expect(notices[0]).toBe('The terminal in pod app-1 was lost; reconnecting, Ctrl-C ends that');
});

test('the exit code of a killed command is its own as long as its container lives', async () => {
  const { code, notices } = keep(['sh', '-c', 'kill -9 $$']);
  expect(await code).toBe(137);
  expect(notices).toEqual([]);
});

test('a first terminal that is refused is no lost one', async () => {
  const { kube } = localContainer();
  const refuse = async () => {
    throw new UserError('KUBE_FORBIDDEN', 'you may not');
  };
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const target = { current: async () => refs[0] ?? Promise.reject(new Error('none')), lost: () => {} };
  const notice = (text: string) => {
    throw new Error(text);
  };
  const { signal } = new AbortController();
  const options = { kube: { ...kube, exec: refuse }, target, io, signal, notice };
  expect(await errorOf(keepTerminal(options))).toMatchObject({ code: 'KUBE_FORBIDDEN' });
});
