import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { probeSandbox } from '../../../../src/embedded/sandbox/probe.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'probe-'));
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
});

test('finds nothing missing on a machine that can run containers, and leaves nothing', async () => {
  expect(await probeSandbox(path.join(folder, 'state'))).toEqual([]);
  expect(readdirSync(path.join(folder, 'state'))).toEqual([]);
});

test.each([
  ['darwin', 'macOS'],
  ['win32', 'Windows'],
  ['freebsd', 'freebsd'],
])('says on %s what it is and what to use instead', async (platform, name) => {
  vi.stubGlobal('process', { ...process, platform });
  const [words, instead] = await probeSandbox(folder);
  expect(words).toBe(`Containers run as sandboxed processes of Linux; this is ${name}.`);
  expect(instead).toContain('KUBECONFIG');
});
