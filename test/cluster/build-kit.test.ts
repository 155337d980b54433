import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../helpers/wait-for.ts';
import { devspace, program } from './support/devspace.ts';
import { isEmbeddedEngine } from './support/engine.ts';
import { imageConfig } from './support/image-config.ts';
import { makeProject, registry } from './support/project.ts';

/** Engines before 23 have BuildKit, but use it only when told. */
const buildKit = { DOCKER_BUILDKIT: '1' };
const docker = new Docker();

async function projectOf(dockerfile: string, more = '') {
  const project = await makeProject(`bk-${randomBytes(2).toString('hex')}`);
  project.write('devspace.yaml', `version: v2beta1\nimages:\n  app:\n    image: ${project.image}\n${more}`);
  project.write('Dockerfile', dockerfile);
  return project;
}

test.skipIf(isEmbeddedEngine)(
  'BuildKit builds with the override in memory, and what did not change is found again',
  async () => {
    const dockerfile = `FROM busybox:1\nRUN echo building ${randomBytes(4).toString('hex')}\nCMD ["here"]\n`;
    const project = await projectOf(dockerfile, '    entrypoint: [sleep, "77"]\n');
    const start = { cwd: project.folder, env: buildKit };
    const first = await devspace(['build', '--debug'], start);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toMatch(/^debug build app {2}building /m);
    // so does the classic builder tell its steps
    expect(first.stderr).not.toContain('--->');
    const [, image = ''] = /Pushed (\S+)/.exec(first.stderr) ?? [];
    expect(image).toContain(registry);
    expect(await imageConfig(image)).toMatchObject({ Entrypoint: ['sleep', '77'], Cmd: ['here'] });
    expect(readFileSync(path.join(project.folder, 'Dockerfile'), 'utf8')).toBe(dockerfile);
    expect((await devspace(['build'], start)).stderr).toContain(`the engine has ${image}`);
  },
);

const closedRegistry = process.env['TEST_CLOSED_REGISTRY'];
test.runIf(closedRegistry)('a base image of a registry with a login comes with what Docker stored', async () => {
  const [user, password] = ['dev', 'dev-secret'];
  const base = `${closedRegistry}/devspace-test/base-${randomBytes(4).toString('hex')}`;
  await docker.getImage('busybox:1').tag({ repo: base, tag: '1' });
  const authconfig = { username: user, password, serveraddress: closedRegistry ?? '' };
  await text(await docker.getImage(base).push({ tag: '1', authconfig }));
  await docker.getImage(`${base}:1`).remove();

  const folder = mkdtempSync(path.join(tmpdir(), 'devspace-docker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { ...buildKit, DOCKER_CONFIG: folder };
  // longer than BuildKit keeps a session that does not answer
  const project = await projectOf(
    `FROM busybox:1 AS a\nRUN sleep 3\nFROM ${base}:1\nCOPY --from=a /etc/passwd /made\n`,
  );
  const denied = await devspace(['build'], { cwd: project.folder, env });
  expect(denied.stderr).toContain('[BUILD_FAILED]');
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ auths: { [closedRegistry ?? '']: { auth } } }));
  const built = await devspace(['build', '--debug'], { cwd: project.folder, env });
  expect(built.code, built.stderr).toBe(0);
  expect(built.stderr).not.toContain(password);
});

test('Ctrl-C ends the instruction that runs', async () => {
  const seconds = `7654.${randomBytes(3).readUIntBE(0, 3)}`;
  const project = await projectOf(`FROM busybox:1\nRUN sleep ${seconds}\n`);
  const child = spawn(process.execPath, [program, 'build'], {
    cwd: project.folder,
    env: { ...process.env, ...buildKit },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await waitFor(() => expect(running(`sleep ${seconds}`)).toBe(true), 30);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  await waitFor(() => expect(running(`sleep ${seconds}`)).toBe(false));
});

/** Whether a process of this machine, in whatever container, has just this command line. */
function running(command: string): boolean {
  return readdirSync('/proc').some((entry) => {
    try {
      return (
        /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8') === `${command.replace(' ', '\0')}\0`
      );
    } catch {
      return false;
    }
  });
}
