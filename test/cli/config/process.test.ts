import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../../helpers/wait-for.ts';
import { place } from './command-line.ts';

const bin = path.resolve(import.meta.dirname, '../../../bin/devspace.js');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function end(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (text.stdout += String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (text.stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
}

describe('real processes of bin/devspace.js', () => {
  test('the distribution is built', () => expect(existsSync(path.resolve(bin, '../../dist/main.cjs'))).toBe(true));

  test('print writes all of a large configuration into a pipe', async () => {
    const images = Array.from({ length: 3000 }, (_, index) => `  app-${index}: { image: me/app-${index} }\n`).join('');
    const project = place({ 'devspace.yaml': `version: v2beta1\nimages:\n${images}` });
    const child = spawn(process.execPath, [bin, 'print', '--skip-info'], { cwd: project.root });
    const { code, stdout, stderr } = await end(child);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('app-2999:');
    expect(stdout.endsWith('\n')).toBe(true);
  });

  test('a reader that goes early is no mistake', async () => {
    const images = Array.from({ length: 3000 }, (_, index) => `  app-${index}: { image: me/app-${index} }\n`).join('');
    const project = place({ 'devspace.yaml': `version: v2beta1\nimages:\n${images}` });
    const ended = await new Promise<{ error: Error | null; stdout: string; stderr: string }>((resolve) => {
      const line = `set -o pipefail; "${process.execPath}" "${bin}" print --skip-info | head -n 1`;
      execFile('bash', ['-c', line], { cwd: project.root }, (error, stdout, stderr) =>
        resolve({ error, stdout, stderr }),
      );
    });
    expect(ended).toEqual({ error: null, stdout: 'version: v2beta1\n', stderr: '' });
  });

  test('run gives the command the streams of this process and its exit code', async () => {
    const project = place({
      'devspace.yaml': 'version: v2beta1\ncommands:\n  copy: cat; echo "done $1" >&2; exit 9\n',
    });
    const child = spawn(process.execPath, [bin, 'run', 'copy', '--debug'], { cwd: project.root });
    child.stdin.end('from here\n');
    expect(await end(child)).toEqual({ code: 9, stdout: 'from here\n', stderr: 'done --debug\n' });
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s ends the command with everything that it started, and `after` runs', async (signal, code) => {
    const project = place({
      'devspace.yaml': [
        'version: v2beta1',
        'commands:',
        '  wait:',
        '    command: sleep 300 & echo $! > child; wait',
        '    after: echo "$COMMAND_INTERRUPT" > after',
        '',
      ].join('\n'),
    });
    const child = spawn(process.execPath, [bin, 'run', 'wait'], { cwd: project.root });
    const ended = end(child);
    await waitFor(() => expect(project.read('child')).toMatch(/^\d+\n$/));
    child.kill(signal);
    expect((await ended).code).toBe(code);
    expect(project.read('after')).toBe('true\n');
    const pid = Number(project.read('child'));
    await waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  test('an unset variable fails in under a second and says how to set it', async () => {
    const project = place({
      'devspace.yaml':
        'version: v2beta1\nvars:\n  TAG: { question: Which? }\nimages:\n  app: { image: "me/app:${TAG}" }\n',
    });
    const startedAt = performance.now();
    const { code, stderr } = await end(spawn(process.execPath, [bin, 'print'], { cwd: project.root }));
    expect(code).toBe(2);
    expect(stderr).toContain('--var TAG=');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

/** One that has ended and that nobody has asked about yet (state Z) is not alive. */
function isAlive(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'));
}
