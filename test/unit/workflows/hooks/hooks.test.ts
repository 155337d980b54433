import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createHooks } from '../../../../src/workflows/hooks/hooks.ts';
import { loadProject } from '../../../../src/workflows/project.ts';
import type { Run } from '../../../../src/workflows/tools.ts';
import { createBench } from '../../../helpers/bench.ts';
import { errorOf } from '../../../helpers/error-of.ts';
import { fakeKube, podOf } from '../../../helpers/fake-kube.ts';
import { localContainer } from '../../../helpers/local-container.ts';
import { tempFolder, writeFiles } from '../../../helpers/temp-folder.ts';
import { waitFor } from '../../../helpers/wait-for.ts';

/** A project with these hooks, its cluster a local process as container. */
async function hooksOf(yaml: string) {
  const bench = await createBench();
  const root = path.join(tempFolder(), 'project');
  writeFiles(root, { 'devspace.yaml': `version: v2beta1\nname: app\nhooks:\n${yaml}` });
  const inside = path.join(root, 'container');
  mkdirSync(inside);
  const container = localContainer({ cwd: inside, env: { TMPDIR: root } });
  const pod = podOf('app-1', { running: {} });
  const fake = fakeKube([pod], { exec: container.kube.exec });
  const stderr = new PassThrough();
  let shown = '';
  stderr.on('data', (chunk) => (shown += String(chunk)));
  const controller = new AbortController();
  const env = { PATH: process.env['PATH'], HOME: path.dirname(root) };
  const io = { ...bench.io, stderr };
  const run: Run = { ...bench.tools, kube: async () => fake.kube, env, io, signal: controller.signal };
  const project = await loadProject({ cwd: root, kube: {}, signal: controller.signal }, run);
  const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
  return {
    hooks: createHooks(project, run),
    root,
    inside,
    fake,
    pod,
    container,
    controller,
    log: bench.log,
    read,
    shown: () => shown,
  };
}

const inApp = 'container: { labelSelector: { app: app } }';

test('runs the hooks of a moment in the order of the file, with what happened in the environment', async () => {
  const { hooks, read, shown } = await hooksOf(`
- { events: ["before:deploy:app"], command: 'echo "1 $DEVSPACE_HOOK_EVENT $DEVSPACE_HOOK_IMAGE" >>out' }
- { events: ["before:deploy:other"], command: 'echo other >>out' }
- { events: ["after:build", "before:deploy:*"], command: sh, args: [-c, 'echo "2 $1" >>out; echo told', sh, 'a b'] }
- { events: ["before:deploy:app"], disabled: true, command: 'echo disabled >>out' }
- { events: ["before:deploy:app"], os: plan9, command: 'echo elsewhere >>out' }
`);
  await hooks.fire({ when: 'before', step: 'deploy', name: 'app' }, { IMAGE: 'me/app' });
  expect(read('out')).toBe('1 before:deploy:app me/app\n2 a b\n');
  expect(shown()).toBe('told\n');
});

test('a failure stops the command there, and the hooks of the failure are told why', async () => {
  const { hooks, read } = await hooksOf(`
- { name: check, events: ["before:deploy"], command: 'exit 3' }
- { events: ["before:deploy"], command: 'echo never >>out' }
- { events: ["error:build"], command: 'echo "$DEVSPACE_HOOK_ERROR" >>out' }
- { events: ["after:build"], command: 'echo never >>out' }
`);
  const error = await errorOf(hooks.around({ step: 'deploy' }, async () => 'done'));
  expect(error).toMatchObject({
    code: 'HOOK_FAILED',
    message: 'Hook check (before:deploy) failed: exit code 3',
  });
  const work = async () => {
    throw new Error('no engine');
  };
  await expect(hooks.around({ step: 'build' }, work)).rejects.toThrow('no engine');
  expect(read('out')).toBe('no engine\n');
});

test('a program that is not installed is named', async () => {
  const { hooks } = await hooksOf(`
- { events: ["before:build"], command: there-is-no-such-program, args: [] }
`);
  const error = await errorOf(hooks.fire({ when: 'before', step: 'build' }));
  expect(error.message).toContain('there-is-no-such-program is not installed');
});

test('output of a silent hook is shown only when it fails', async () => {
  const { hooks, shown } = await hooksOf(`
- { events: ["before:build"], silent: true, command: 'echo quiet' }
- { events: ["after:build"], silent: true, command: 'echo loud; exit 1' }
`);
  await expect(hooks.around({ step: 'build' }, async () => 1)).rejects.toThrow('exit code 1');
  expect(shown()).toBe('loud\n');
});

test('a hook in the background holds nothing up, warns when it fails and ends with the run', async () => {
  const { hooks, controller, log, read } = await hooksOf(`
- { events: ["before:build"], background: true, command: 'echo $$ >pid; exec sleep 600' }
- { name: broken, events: ["before:build"], background: true, command: 'exit 7' }
`);
  await hooks.fire({ when: 'before', step: 'build' });
  await waitFor(() => log.lines.some((line) => line.includes('Hook broken (before:build) failed: exit code 7')));
  await waitFor(() => /^\d+\n$/.test(read('pid')));
  const pid = Number(read('pid'));
  controller.abort();
  await waitFor(() => !existsSync(`/proc/${pid}`));
});

test('an abort ends a hook that hangs', async () => {
  const { hooks, controller, root } = await hooksOf(`
- { events: ["deployCommand:before:execute"], command: 'echo >started; sleep 600' }
- { events: ["deployCommand:interrupt"], command: 'echo >cleaned' }
`);
  const running = hooks.command('deployCommand', async () => hooks.fire({ when: 'before', step: 'none' }));
  await waitFor(() => existsSync(path.join(root, 'started')));
  controller.abort();
  await expect(running).rejects.toThrow();
});

test('an interrupted command runs its hooks for that', async () => {
  const { hooks, controller, root } = await hooksOf(`
- { events: ["devCommand:interrupt"], command: 'echo >cleaned' }
- { events: ["devCommand:error", "devCommand:after:execute"], command: 'echo >wrong' }
`);
  const work = async () => {
    controller.abort();
    controller.signal.throwIfAborted();
  };
  await expect(hooks.command('devCommand', work)).rejects.toThrow();
  expect(existsSync(path.join(root, 'cleaned'))).toBe(true);
  expect(existsSync(path.join(root, 'wrong'))).toBe(false);
});

test('a command runs in a container, once in each if it says so', async () => {
  const { hooks, inside } = await hooksOf(`
- { events: ["after:deploy:app"], command: 'echo a >>out', ${inApp} }
- { events: ["after:deploy:app"], command: sh, args: [-c, 'echo "$1" >>out', sh, b], ${inApp} }
- name: ${Math.random()}
  events: ["after:deploy:app"]
  command: echo once >>out
  container: { labelSelector: { app: app }, once: true }
`);
  await hooks.fire({ when: 'after', step: 'deploy', name: 'app' });
  await hooks.fire({ when: 'after', step: 'deploy', name: 'app' });
  expect(readFileSync(path.join(inside, 'out'), 'utf8')).toBe('a\nb\nonce\na\nb\n');
});

test('waits until a container has ended with the code that the hook names', async () => {
  const { hooks, fake } = await hooksOf(`
- { events: ["after:deploy"], wait: { terminatedWithCode: 0 }, ${inApp} }
`);
  let isOver = false;
  const waiting = hooks.fire({ when: 'after', step: 'deploy' }).then(() => (isOver = true));
  await Promise.resolve();
  expect(isOver).toBe(false);
  fake.objects.splice(0, 1, podOf('app-1', { terminated: { exitCode: 0 } }));
  await waiting;
});

test('a container that does not get there in time is named', async () => {
  const { hooks } = await hooksOf(`
- { name: migrated, events: ["after:deploy"], wait: { terminatedWithCode: 0, timeout: 1 }, ${inApp} }
`);
  await expect(hooks.fire({ when: 'after', step: 'deploy' })).rejects.toThrow(
    'Hook migrated (after:deploy) failed: no container ended with code 0 in 1 s',
  );
});

test('copies a folder into the container and back, and never through a link', async () => {
  const { hooks, root, inside } = await hooksOf(`
- { events: ["before:build"], upload: { localPath: data, containerPath: sent }, ${inApp} }
- { events: ["after:build"], download: { localPath: back, containerPath: sent }, ${inApp} }
`);
  writeFiles(root, { 'data/a.txt': 'a', 'data/deep/b.txt': 'b' });
  await hooks.around({ step: 'build' }, async () => 1);
  expect(readFileSync(path.join(inside, 'sent/deep/b.txt'), 'utf8')).toBe('b');
  expect(readFileSync(path.join(root, 'back/a.txt'), 'utf8')).toBe('a');
  expect(readFileSync(path.join(root, 'back/deep/b.txt'), 'utf8')).toBe('b');
});

test('the logs of a container are shown', async () => {
  const { hooks, fake, shown } = await hooksOf(`
- { events: ["error:deploy"], logs: { tailLines: 5 }, ${inApp} }
`);
  fake.logs.set('app-1/app/current', 'last words\n');
  await hooks.fire({ when: 'error', step: 'deploy' });
  expect(shown()).toBe('last words\n');
});
