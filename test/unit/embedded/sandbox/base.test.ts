import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineImage } from '../../../../src/embedded/images/machine-image.ts';
import { makeBase } from '../../../../src/embedded/sandbox/base.ts';
import { openSandboxHost } from '../../../../src/embedded/sandbox/host.ts';
import { finish } from '../../../helpers/sandbox-bench.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'base-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('holds what programs need and no secrets', async () => {
  await makeBase({ folder });
  expect(readFileSync(path.join(folder, 'base/etc/passwd'), 'utf8')).toContain('node:x:1000:1000:');
  for (const name of ['shadow', 'gshadow', 'ssh', 'sudoers', 'hostname-of-machine']) {
    expect(existsSync(path.join(folder, 'base/etc', name))).toBe(false);
  }
  expect(statSync(path.join(folder, 'base/tmp')).mode & 0o7777).toBe(0o1777);
});

test('is kept for the next start until the machine changes, and made anew after an interrupted start', async () => {
  const node = path.join(folder, 'node');
  writeFileSync(node, '');
  const made = async () => {
    await makeBase({ folder, nodePath: node });
    return statSync(path.join(folder, 'base')).ino + statSync(path.join(folder, 'base')).birthtimeMs;
  };
  const first = await made();
  expect(await made()).toBe(first);
  writeFileSync(node, 'newer');
  const second = await made();
  expect(second).not.toBe(first);
  rmSync(path.join(folder, 'base.json'));
  expect(await made()).not.toBe(second);
});

test('brings a Node.js and its npm from elsewhere to /usr/local/bin', async () => {
  const version = path.join(folder, 'versions/node');
  mkdirSync(path.join(version, 'bin'), { recursive: true });
  mkdirSync(path.join(version, 'lib/node_modules/npm/bin'), { recursive: true });
  const node = path.join(version, 'bin/node');
  writeFileSync(node, '#!/bin/sh\necho my-node "$@"\n');
  chmodSync(node, 0o755);
  const cli = path.join(version, 'lib/node_modules/npm/bin/npm-cli.js');
  writeFileSync(cli, '#!/usr/bin/env node\n');
  chmodSync(cli, 0o755);
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(version, 'bin/npm'));
  const host = await openSandboxHost({ folder: path.join(folder, 'state'), nodePath: node });
  const { signal } = new AbortController();
  const pod = await host.createPod({ id: 'p', hostname: 'p', signal });
  const command = ['sh', '-c', 'node a; npm b; echo x >/usr/local/bin/node'];
  const result = await finish(await pod.startContainer({ id: 'c', image: machineImage('node'), command, signal }));
  await host.close();
  expect(result.stdout).toBe('my-node a\nmy-node /usr/local/bin/npm b\n');
  expect(result.stderr).toContain('Read-only file system');
  expect(readFileSync(node, 'utf8')).toContain('my-node');
});
