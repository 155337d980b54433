import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { HookConfig } from '../../src/config/types.ts';
import { build } from '../../src/workflows/build.ts';
import { deploy } from '../../src/workflows/deploy.ts';
import { dev } from '../../src/workflows/dev.ts';
import type { Project } from '../../src/workflows/project.ts';
import { purge } from '../../src/workflows/purge.ts';
import { emptyReport } from '../../src/workflows/run-report.ts';
import type { Tools } from '../../src/workflows/tools.ts';
import { type Bench, createBench, devOptions } from '../helpers/bench.ts';

const { signal } = new AbortController();
const moments = (step: string, name: string) => [
  `before:${step}`,
  `before:${step}:${name}`,
  `after:${step}:${name}`,
  `after:${step}`,
];
const around = (command: string, inner: readonly string[]) => [
  `${command}:before:execute`,
  ...inner,
  `${command}:after:execute`,
];

/** The project of the bench with a hook for each of the events, which writes the event down. */
async function hooked(events: readonly string[], command = 'echo "$DEVSPACE_HOOK_EVENT" >>events') {
  const bench = await createBench();
  const hooks = events.map(
    (event): HookConfig => ({
      events: [event],
      os: [],
      background: false,
      silent: false,
      action: { kind: 'command', command },
    }),
  );
  const project: Project = { ...bench.project, config: { ...bench.project.config, hooks } };
  const tools: Tools = { ...bench.tools, env: { ...bench.tools.env, PATH: process.env['PATH'] } };
  return { bench, project, tools, seen: () => eventsOf(bench) };
}

const eventsOf = ({ project }: Bench): string[] =>
  readFileSync(path.join(project.root, 'events'), 'utf8').trim().split('\n');

test('build, deploy and purge run their hooks around each step and each part of it', async () => {
  const inBuild = moments('build', 'default');
  const all = [
    ...around('buildCommand', inBuild),
    ...around('deployCommand', [...inBuild, ...moments('deploy', 'app')]),
    ...around('purgeCommand', moments('purge', 'app')),
  ];
  const { project, tools, bench, seen } = await hooked([...new Set(all)]);
  await build(project, { build: { push: 'keep local', rebuild: 'when needed' }, dependencies: {}, signal }, tools);
  await deploy(
    project,
    {
      build: { push: 'keep local', rebuild: 'when needed' },
      deploy: { conflicts: 'fail', redeploy: 'when changed' },
      dependencies: {},
      timeoutMs: 5_000,
      report: emptyReport(),
      signal,
    },
    tools,
  );
  // no controller takes the pods of the fake cluster away
  bench.fake.objects.splice(0);
  await purge(project, { signal }, tools);
  expect(seen()).toEqual(all);
});

test('dev runs its hooks', async () => {
  const all = around('devCommand', [...moments('build', 'default'), ...moments('deploy', 'app')]);
  const { project, tools, seen } = await hooked(all);
  expect(await dev(project, devOptions({ until: 'deploy' }), tools)).toBe(0);
  expect(seen()).toEqual(all);
});

test('a hook before the build that fails ends the command before anything is built', async () => {
  const { project, tools, bench } = await hooked(['before:build'], 'exit 5');
  await expect(
    build(project, { build: { push: 'push', rebuild: 'when needed' }, dependencies: {}, signal }, tools),
  ).rejects.toMatchObject({
    code: 'HOOK_FAILED',
  });
  expect(bench.ran()).toEqual([]);
});
