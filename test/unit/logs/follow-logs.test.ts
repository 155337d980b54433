import { expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import type { LogStreamOptions } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { followLogs } from '../../../src/logs/follow-logs.ts';
import { findLogSources, printLogs } from '../../../src/logs/print-logs.ts';
import { userErrorOf } from '../../helpers/error-of.ts';
import { fakeKube, podOf } from '../../helpers/fake-kube.ts';
import { recordingLog } from '../../helpers/recording-log.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const running = { running: {} };
const byLabel = { namespace: 'dev', labelSelector: { app: 'app' } };
const at = (second: number, text: string): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.5Z ${text}\n`;

function start(objects: KubeObject[], more: { podName?: string } = {}) {
  const controller = new AbortController();
  const { signal } = controller;
  const opened: LogStreamOptions[] = [];
  const fake = fakeKube(objects);
  const kube = {
    ...fake.kube,
    watch: fake.kube.watch.bind(fake.kube),
    streamLog: (ref: Parameters<typeof fake.kube.streamLog>[0], options: LogStreamOptions) => {
      opened.push(options);
      return fake.kube.streamLog(ref, options);
    },
  };
  const lines: string[] = [];
  const log = recordingLog();
  const write = async ({ source, text }: { source: { name: string }; text: Buffer }) => {
    lines.push(`${source.name}: ${text.toString()}`);
  };
  const run = { kube, log, signal, write };
  const end = followLogs({ ...byLabel, ...more }, { start: { tailLines: 5 }, whenMissing: 'fail' }, run);
  end.catch(() => {});
  onTestFinished(() => controller.abort());
  const stream = (key: string) => waitFor(() => last(fake.followed.get(key)));
  return { fake, lines, log, end, opened, stream, controller };
}

function last<T>(items: readonly T[] | undefined): T {
  const item = items?.at(-1);
  if (item === undefined) throw new Error('there is none yet');
  return item;
}

const restarted = (pod: KubeObject, count: number): KubeObject => {
  const status = {
    phase: 'Running',
    containerStatuses: [{ name: 'app', ready: true, restartCount: count, state: running }],
  };
  return { ...pod, status };
};

test('L01: a lost connection leaves no gap and repeats nothing', async () => {
  const { fake, lines, log, opened, stream } = start([podOf('app-1', running)]);
  const first = await stream('app-1/app');
  first.write(at(1, 'one') + at(1, 'one') + at(2, 'two'));
  await waitFor(() => expect(lines).toHaveLength(3));
  first.destroy(new UserError('KUBE_STREAM', 'The log of pod dev/app-1, container app, broke off: ECONNRESET'));
  await waitFor(() => expect(fake.followed.get('app-1/app')).toHaveLength(2));
  (await stream('app-1/app')).write(at(1, 'one') + at(1, 'one') + at(2, 'two') + at(2, 'two more') + at(3, 'three'));
  await waitFor(() =>
    expect(lines).toEqual(['one', 'one', 'two', 'two more', 'three'].map((text) => `app-1: ${text}`)),
  );
  expect(opened[0]).toMatchObject({ tailLines: 5, follow: true, timestamps: true });
  expect(opened[1]).toMatchObject({ sinceTime: '2026-01-01T00:00:00Z', follow: true });
  expect(opened[1]?.tailLines).toBeUndefined();
  expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
});

test('L01: after a restart the last words of the run before come first', async () => {
  const pod = podOf('app-1', running);
  const { fake, lines, stream } = start([pod]);
  const first = await stream('app-1/app');
  first.write(at(1, 'one'));
  await waitFor(() => expect(lines).toHaveLength(1));
  fake.logs.set('app-1/app/previous', at(1, 'one') + at(2, 'last words'));
  fake.emit({ type: 'modified', object: restarted(pod, 1) });
  first.destroy(new UserError('KUBE_STREAM', 'broke off'));
  await waitFor(() => expect(fake.followed.get('app-1/app')).toHaveLength(2));
  (await stream('app-1/app')).write(at(3, 'started anew'));
  await waitFor(() => expect(lines).toEqual(['app-1: one', 'app-1: last words', 'app-1: started anew']));
});

test('a pod that comes later is followed from its beginning', async () => {
  const { fake, lines, opened, stream } = start([podOf('app-1', running)]);
  await stream('app-1/app');
  fake.emit({ type: 'added', object: podOf('app-2', { waiting: { reason: 'ContainerCreating' } }) });
  fake.emit({ type: 'modified', object: podOf('app-2', running) });
  (await stream('app-2/app')).write(at(1, 'hello'));
  await waitFor(() => expect(lines).toEqual(['app-2: hello']));
  expect(opened[1]?.tailLines).toBeUndefined();
});

test('the end of a pod that was named is the end; of another one it is not', async () => {
  const pod = podOf('app-1', running);
  const named = start([pod], { podName: 'app-1' });
  const stream = await named.stream('app-1/app');
  stream.write(at(1, 'bye'));
  named.fake.emit({ type: 'deleted', object: pod });
  stream.end();
  await named.end;
  expect(named.lines).toEqual(['app-1: bye']);

  const any = start([pod]);
  const other = await any.stream('app-1/app');
  any.fake.emit({ type: 'deleted', object: pod });
  other.end();
  any.fake.emit({ type: 'added', object: podOf('app-2', running) });
  await any.stream('app-2/app');
  any.controller.abort(new Error('stopped'));
  await expect(any.end).rejects.toThrow('stopped');
});

test('what is not allowed ends it, with the reason', async () => {
  const refused = async () => {
    throw new UserError('KUBE_FORBIDDEN', 'read the log of pod dev/app-1: pods/log is forbidden');
  };
  const fake = fakeKube([podOf('app-1', running)], { streamLog: refused });
  const run = { kube: fake.kube, log: recordingLog(), signal: new AbortController().signal, write: async () => {} };
  const options = { start: {}, whenMissing: 'fail' } as const;
  expect((await userErrorOf(followLogs(byLabel, options, run))).code).toBe('KUBE_FORBIDDEN');
});

const { signal } = new AbortController();

test('what was printed comes in the order of its times', async () => {
  const fake = fakeKube([podOf('app-2', running), podOf('app-1', running)]);
  fake.logs.set('app-1/app/current', at(1, 'a') + at(4, 'd'));
  fake.logs.set('app-2/app/current', at(2, 'b') + at(3, 'c') + at(5, 'e'));
  const lines: string[] = [];
  const write = async ({ text }: { text: Buffer }) => void lines.push(text.toString());
  const sources = await findLogSources(byLabel, 'current', { kube: fake.kube, signal });
  await printLogs(sources, { choice: 'current' }, { kube: fake.kube, signal, write });
  expect(lines.join('')).toBe('abcde');
});

test.each([
  ['no pod', [], {}, /there is no pod with the labels app=app/],
  [
    'no such container',
    [podOf('app-1', running)],
    { containerName: 'web' },
    /pod app-1 has no container web; it has app/,
  ],
  [
    'not started',
    [podOf('app-1', { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } })],
    {},
    /has not started \(ImagePullBackOff, container app: no such image\)/,
  ],
])('says why there is no log: %s', async (_name, pods, more, words) => {
  const error = await userErrorOf(
    findLogSources({ ...byLabel, ...more }, 'current', { kube: fakeKube(pods).kube, signal }),
  );
  expect(error.code).toBe('TARGET_NOT_FOUND');
  expect(error.message).toMatch(words);
});

test('says that there is no earlier run', async () => {
  const { kube } = fakeKube([podOf('app-1', running)]);
  const error = await userErrorOf(findLogSources(byLabel, 'previous', { kube, signal }));
  expect(error.message).toContain('There is no earlier run');
});
