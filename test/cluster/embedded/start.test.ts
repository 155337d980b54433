import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runToEnd } from '../support/devspace.ts';

/** A home folder and a folder for temporary files as a newcomer has them: nothing in them. */
const home = mkdtempSync(path.join(tmpdir(), 'ds-'));
const temporary = mkdtempSync(path.join(tmpdir(), 'ds-'));
const script = path.resolve(import.meta.dirname, '../../../.config/start.mjs');

afterAll(async () => {
  // the state's files belong to users of its own namespace, so it is their owner who removes them
  await runToEnd('unshare', ['--user', '--map-root-user', 'rm', '-rf', home, temporary], { cwd: tmpdir() });
});

/** What `npm start` runs after it has installed and bundled; no terminal is attached to it. */
const startStory = () =>
  runToEnd(process.execPath, [script], {
    cwd: home,
    env: { HOME: home, TMPDIR: temporary },
  });

const steps = [
  'the image is built with the override and pushed',
  'the Dockerfile on disk is as it was',
  'the manifests are deployed',
  'the ports are forwarded',
  'files are synchronised',
  expect.stringMatching(/^the application answers at http:\/\/127\.0\.0\.1:\d+\/$/),
  'an edit here shows on the page',
  'an edit in the container arrives here',
  'a terminal command works as a filter, with its exit code',
  'it ends without a trace',
];

const stepsOf = (stdout: string) => [...stdout.matchAll(/^ok {2}(.*) \(\d+\.\d s\)$/gm)].map(([, title]) => title);

test('npm start tells its whole story without a terminal, the second time with the image there', async () => {
  const first = await startStory();
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(stepsOf(first.stdout)).toEqual(steps);
  expect(first.stdout).toMatch(/\nEverything works\. .*\n$/);

  const taken = createServer().listen(3000, '127.0.0.1');
  // either this test holds the port or somebody else does
  await once(taken, 'listening').catch(() => undefined);
  const second = await startStory();
  taken.close();
  expect(second.code, second.stdout + second.stderr).toBe(0);
  expect(stepsOf(second.stdout)).toEqual(steps);
  expect(second.stdout).not.toContain('127.0.0.1:3000/');
  // the copies of the example are gone, and no cluster is left running
  expect(readdirSync(temporary).filter((name) => name.startsWith('devspace-quickstart-'))).toEqual([]);
  expect(readdirSync(path.join(home, '.devspace/embedded'))).not.toContain('server.json');
});
