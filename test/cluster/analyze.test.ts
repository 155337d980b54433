import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace } from './support/devspace.ts';
import { signal, useNamespace } from './support/namespace.ts';

const namespace = useNamespace();
const analyze = (...flags: string[]) => devspace(['analyze', '-n', namespace.name, ...flags], { cwd: tmpdir() });

const apply = (object: { apiVersion: string; kind: string; metadata: { name: string }; spec: object }) =>
  // the namespace gets its service account a moment after it was made
  waitFor(() => namespace.kube.apply(object, { defaultNamespace: namespace.name, conflicts: 'fail', signal }));

const pod = (name: string, container: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: 'busybox:1', imagePullPolicy: 'IfNotPresent', ...container }],
  },
});

test('a namespace in which all is well', async () => {
  await apply(pod('well', { command: ['sleep', '9999999'] }));
  const { code, stdout } = await analyze();
  expect([code, stdout]).toEqual([0, `No problems in namespace ${namespace.name}.\n`]);
});

test('what does not work is named, with the reason and the last lines', async () => {
  await apply(pod('crashes', { command: ['sh', '-c', 'echo no database; exit 4'] }));
  await apply(pod('no-image', { image: 'localhost:1/nobody/nothing:1', imagePullPolicy: 'Never' }));
  await apply(pod('no-config', { command: ['sleep', '9'], envFrom: [{ configMapRef: { name: 'nowhere' } }] }));
  await apply(
    pod('never-ready', {
      command: ['sleep', '9999999'],
      readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 },
    }),
  );
  await waitFor(async () => {
    const { code, stdout } = await analyze('--no-wait', '--output', 'json');
    expect(code).toBe(1);
    const report = JSON.parse(stdout) as { problems: { name: string; reason: string; lines: string }[] };
    const reasons = new Map(report.problems.map(({ name, reason }) => [name, reason]));
    expect(reasons.get('crashes')).toMatch(/CrashLoopBackOff|Error/);
    expect(reasons.get('no-image')).toBe('ErrImageNeverPull');
    expect(reasons.get('no-config')).toBe('CreateContainerConfigError');
    expect(reasons.get('never-ready')).toBe('Unhealthy');
    expect(report.problems.find(({ name }) => name === 'crashes')?.lines).toContain('no database');
    expect(reasons.has('well')).toBe(false);
  }, 60);
  const { code, stdout, stderr } = await analyze('--timeout', '2');
  expect(code).toBe(1);
  expect(stdout).toContain(`problems in namespace ${namespace.name}:\n`);
  expect(stdout).toMatch(/Pod no-config: CreateContainerConfigError, container app: .*nowhere/);
  expect(stdout).toContain('no database');
  expect(stderr).not.toMatch(/\n\s+at /);
});
