import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  noRestartHelper,
  restartCommand,
  restartHelper,
  startCommand,
  waitingRestartHelper,
} from '../../../src/core/restart-helper.ts';
import { shells } from '../../helpers/local-container.ts';

/** Starts the helper with a shell that says when it begins and when it is asked to end. */
function start(shell: readonly string[], program: string, helper = restartHelper) {
  const [command = '', ...words] = [...shell, ...helper.slice(1), 'sh', '-c', program];
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const closed = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, closed, output: () => output };
}

async function request(request = restartCommand): Promise<number | null> {
  const [command = '', ...words] = request;
  const [code] = (await once(spawn(command, words, { stdio: 'ignore' }), 'close')) as [number | null];
  return code;
}

/** Its `sleep` runs, so it knows what to do with signals. */
async function waits({ pid = 0 }: { readonly pid?: number | undefined }): Promise<void> {
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')).not.toBe(''));
}

const program = 'echo begins; trap "echo ends; exit 4" TERM; sleep 100 & wait';

describe.each(shells)('the restart helper in %s', (...shell) => {
  test('starts the program again when it is asked to, and ends with it', async () => {
    const helper = start(shell, program);
    await vi.waitFor(() => expect(helper.output()).toBe('begins\n'));
    expect(await request()).toBe(0);
    await vi.waitFor(() => expect(helper.output().match(/begins/g)).toHaveLength(2), { timeout: 5_000 });
    expect(helper.output()).toMatch(/begins\nends\n/);
    helper.child.kill('SIGTERM');
    await helper.closed;
    expect(helper.output().match(/ends/g)).toHaveLength(2);
    expect(await request()).toBe(noRestartHelper);
  });

  test('starts no program before it may, and then once', async () => {
    const helper = start(shell, program, waitingRestartHelper);
    await waits(helper.child);
    expect(await request(startCommand)).toBe(0);
    await vi.waitFor(() => expect(helper.output()).toBe('begins\n'), { timeout: 5_000 });
    expect(await request(startCommand)).toBe(0);
    expect(await request()).toBe(0);
    await vi.waitFor(() => expect(helper.output()).toMatch(/^begins\nends\n(.*\n)*begins\n$/), { timeout: 5_000 });
    helper.child.kill('SIGTERM');
    await helper.closed;
  });

  test('ends when it is asked to before it may start its program', async () => {
    const helper = start(shell, program, waitingRestartHelper);
    await waits(helper.child);
    helper.child.kill('SIGTERM');
    expect((await helper.closed)[0]).toBe(143);
    expect(helper.output()).toBe('');
  });

  test('the program reads what comes in', async () => {
    const helper = start(shell, 'read -r line; echo "got $line"; sleep 100');
    helper.child.stdin.write('a line\n');
    await vi.waitFor(() => expect(helper.output()).toBe('got a line\n'));
    helper.child.kill('SIGTERM');
    await helper.closed;
  });

  test('says that a program ended, and waits before it starts it again', async () => {
    const helper = start(shell, 'exit 3');
    await vi.waitFor(() => expect(helper.output()).toContain('The program ended with exit code 3'));
    helper.child.kill('SIGTERM');
    expect((await helper.closed)[0]).toBe(3);
  });
});
