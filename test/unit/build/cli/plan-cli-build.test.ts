import { expect, test } from 'vitest';
import { planCliBuild } from '../../../../src/build/cli/plan-cli-build.ts';
import type { CliBuild } from '../../../../src/config/types.ts';

const docker: CliBuild = { kind: 'docker', command: ['docker'], args: [], buildKit: false };
const buildx: CliBuild = { kind: 'buildx', command: ['docker', 'buildx'], args: [], buildKit: false };
const request = { dockerfile: 'Dockerfile', tags: ['me/web:1', 'me/web:2'], buildArgs: {} };

test('tags, stage, network and arguments of the configuration stand before the context on stdin', () => {
  const cli = { ...docker, args: ['--label', 'a=b', '--cache-from', 'me/web:cache'] };
  const { program, args } = planCliBuild(cli, { ...request, target: 'dev', network: 'host' });
  expect([program, ...args].join(' ')).toBe(
    'docker build --tag me/web:1 --tag me/web:2 --file Dockerfile --target dev --network host --label a=b --cache-from me/web:cache -',
  );
});

test('values of build arguments are in the environment, unless the program would read them itself', () => {
  const buildArgs = { NPM_TOKEN: 'secret-value', HTTP_PROXY: 'http://proxy', PATH: '/x', DOCKER_HOST: 'y' };
  const { args, env } = planCliBuild(docker, { ...request, buildArgs });
  expect(args.join(' ')).toContain(
    '--build-arg NPM_TOKEN --build-arg HTTP_PROXY=http://proxy --build-arg PATH=/x --build-arg DOCKER_HOST=y -',
  );
  expect(env).toEqual({ NPM_TOKEN: 'secret-value' });
});

test.each([
  [buildx, 'docker buildx build', true],
  [{ ...buildx, args: ['--secret', 'id=npm'] }, 'docker buildx build', true],
  [{ ...buildx, args: ['--push'] }, 'docker buildx build', false],
  [{ ...buildx, args: ['--output=type=docker'] }, 'docker buildx build', false],
  [{ ...buildx, command: ['nerdctl'] }, 'nerdctl build', true],
  [docker, 'docker build', false],
])('the image comes into the engine: %j', (cli, start, loads) => {
  const { program, args } = planCliBuild(cli, request);
  expect([program, ...args].join(' ').startsWith(`${start} --tag`)).toBe(true);
  expect(args.includes('--load')).toBe(loads);
});

test('useBuildKit switches BuildKit on for docker build', () => {
  expect(planCliBuild({ ...docker, buildKit: true }, request).env).toEqual({ DOCKER_BUILDKIT: '1' });
});
