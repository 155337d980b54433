import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogOptions } from '../../../../src/embedded/api/pod-runtime.ts';
import type { ContainerStatus, Pod } from '../../../../src/embedded/api/pod-types.ts';
import { type ContainerLog, openContainerLog } from '../../../../src/embedded/kubelet/container-log.ts';
import { expand, fieldOf, quantity } from '../../../../src/embedded/kubelet/environment.ts';
import { toConditions, toPhase } from '../../../../src/embedded/kubelet/pod-status.ts';

test.each([
  ['$(A) $(B)', 'one $(B)'],
  ['$$(A) $A ${A}', '$(A) $A ${A}'],
  ['$$$(A)', '$one'],
])('%s expands to %s', (given, expected) => expect(expand(given, new Map([['A', 'one']]))).toBe(expected));

test.each([
  ['500m', 0.5],
  ['2', 2],
  [3, 3],
  ['1Ki', 1024],
  ['2M', 2_000_000],
  ['1Gi', 1024 ** 3],
  [undefined, 0],
])('the quantity %s is %d', (given, expected) => expect(quantity(given)).toBe(expected));

const pod = (restartPolicy = 'Always'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', labels: { b: '2', a: '1' }, annotations: { 'x/y': 'z' } },
  spec: { restartPolicy, containers: [] },
  status: { podIP: '10.0.0.1' },
});

test('the downward API gives fields, single labels and all of them', () => {
  expect(fieldOf(pod(), 'metadata.name')).toBe('p');
  expect(fieldOf(pod(), "metadata.annotations['x/y']")).toBe('z');
  expect(fieldOf(pod(), 'metadata.labels')).toBe('a="1"\nb="2"');
  expect(fieldOf(pod(), 'status.podIP')).toBe('10.0.0.1');
});

describe('the phase', () => {
  const base = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, lastState: {} };
  const waiting: ContainerStatus = { ...base, state: { waiting: { reason: 'ContainerCreating' } } };
  const running: ContainerStatus = { ...base, state: { running: {} } };
  const ended = (exitCode: number): ContainerStatus => ({ ...base, state: { terminated: { exitCode } } });
  const crashed: ContainerStatus = { ...waiting, lastState: { terminated: { exitCode: 1 } } };

  test.each([
    ['nothing started', 'Always', [], [waiting], 'Pending'],
    ['one waits', 'Always', [], [running, waiting], 'Pending'],
    ['all run', 'Always', [], [running, running], 'Running'],
    ['crash loop', 'Always', [], [crashed], 'Running'],
    ['ended, comes again', 'Always', [], [ended(0)], 'Running'],
    ['ended well', 'Never', [], [ended(0), ended(0)], 'Succeeded'],
    ['ended badly', 'Never', [], [ended(0), ended(2)], 'Failed'],
    ['tries again', 'OnFailure', [], [ended(2)], 'Running'],
    ['init runs', 'Always', [running], [waiting], 'Pending'],
    ['init failed', 'Never', [ended(1)], [waiting], 'Failed'],
    ['init done', 'Always', [ended(0)], [running], 'Running'],
  ])('%s', (_name, policy, inits, containers, expected) =>
    expect(toPhase(pod(policy), inits, containers)).toBe(expected),
  );

  test('conditions name the containers that are not ready', () => {
    const conditions = toConditions(pod(), {
      phase: 'Running',
      containerStatuses: [running, { ...running, name: 'd', ready: true }],
    });
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [c]',
    });
    expect(conditions.find(({ type }) => type === 'PodScheduled')).toMatchObject({ status: 'True' });
  });
});

describe('the log of a container', () => {
  let folder: string;
  let log: ContainerLog;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'log-'));
    log = openContainerLog(path.join(folder, 'c', '0'));
  });
  afterEach(() => {
    log.remove();
    rmSync(folder, { recursive: true });
  });
  const read = (options: Partial<LogOptions> = {}) =>
    text(
      log.read({
        follow: false,
        previous: false,
        timestamps: false,
        tailLines: undefined,
        since: undefined,
        limitBytes: undefined,
        signal: new AbortController().signal,
        ...options,
      }),
    );

  test('keeps lines whole, whatever the chunks, and the last one without an end', async () => {
    for (const chunk of ['o', 'ne\ntw', 'o\nä'.slice(0, 3), 'x']) log.append('stdout', Buffer.from(chunk));
    log.append('stderr', Buffer.from('err\n'));
    expect(await read()).toBe('one\ntwo\nerr\n');
    log.end();
    expect(await read()).toBe('one\ntwo\nerr\näx');
    expect(await read({ tailLines: 1 })).toBe('äx');
    expect(await read({ limitBytes: 5 })).toBe('one\nt');
  });

  test('is followed until its end, by several at once', async () => {
    const followers = [read({ follow: true }), read({ follow: true, tailLines: 0 })];
    for (let i = 0; i < 5; i += 1) {
      log.append('stdout', Buffer.from(`${i}\n`));
      await new Promise(setImmediate);
    }
    log.end();
    expect(await Promise.all(followers)).toEqual(['0\n1\n2\n3\n4\n', '0\n1\n2\n3\n4\n']);
  });

  test('grows no further than its segments', async () => {
    const line = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(1024));
    for (let i = 0; i < 70; i += 1) log.append('stdout', line);
    expect(readdirSync(path.join(folder, 'c')).length).toBe(5);
    expect((await read({ tailLines: 3 })).length).toBe(3 * 1024);
  });

  test('does not keep a line without an end in memory', async () => {
    log.append('stdout', Buffer.from('y'.repeat(100_000)));
    expect(await read()).toBe('y'.repeat(6 * 16_384));
    log.end();
    expect(await read()).toBe('y'.repeat(100_000));
  });

  test('a line that ends with a backslash stays a line, and each piece of a long one has a time', async () => {
    log.append('stdout', Buffer.from(`a\\\nb\n${'z'.repeat(20_000)}\n`));
    expect(await read()).toBe(`a\\\nb\n${'z'.repeat(20_000)}\n`);
    const pieces = (await read({ timestamps: true, tailLines: 2 })).split(/\d{4}-\S+Z /);
    expect(pieces.map(({ length }) => length)).toEqual([0, 16_384, 20_000 - 16_384 + 1]);
  });
});
