import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RootLayers, readInRoot, resolveInRoot } from '../../../../src/embedded/sandbox/root-path.ts';

let folder: string;
let root: RootLayers;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'root-path-'));
  for (const name of ['base/etc', 'base/run', 'usr/usr/local', 'low/etc', 'high/app'])
    mkdirSync(path.join(folder, name), { recursive: true });
  symlinkSync('/run', path.join(folder, 'base/var-run'));
  symlinkSync('../../etc', path.join(folder, 'high/app/up'));
  symlinkSync('/app/loop', path.join(folder, 'high/app/loop'));
  writeFileSync(path.join(folder, 'base/etc/passwd'), 'base');
  writeFileSync(path.join(folder, 'low/etc/passwd'), 'low');
  root = {
    layers: [path.join(folder, 'high'), path.join(folder, 'low')],
    base: path.join(folder, 'base'),
    usr: path.join(folder, 'usr'),
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['/plain/new', '/plain/new'],
  ['/var-run/secrets/x', '/run/secrets/x'],
  ['/app/up/passwd', '/etc/passwd'],
  ['/a/../../../etc', '/etc'],
  ['/etc/passwd/below-a-file', '/etc/passwd/below-a-file'],
])('%s is %s inside the container', (target, expected) => expect(resolveInRoot(root, target)).toBe(expected));

test('ends at a link to itself', () => expect(resolveInRoot(root, '/app/loop')).toMatch(/^\//));

test('reads the file of the highest layer', () => {
  expect(readInRoot(root, '/etc/passwd')).toBe('low');
  expect(readInRoot(root, '/app/up/passwd')).toBe('low');
  expect(readInRoot(root, '/none')).toBeUndefined();
});
