import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runToEnd } from '../support/devspace.ts';
import { quickstart } from '../support/project.ts';

const home = mkdtempSync(path.join(tmpdir(), 'ds-'));
const program = path.resolve(import.meta.dirname, '../../../bin/devspace.js');
afterAll(() => rmSync(home, { recursive: true }));

/** A machine that forbids what the sandbox needs: the kernel makes no more user namespaces inside. */
const forbidding = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"';

test.each([
  ['embedded', 'start'],
  ['dev', '--embedded'],
])(
  'devspace %s %s says what is missing on a machine without user namespaces, and what to use instead',
  async (...args) => {
    const { code, stdout, stderr } = await runToEnd(
      'unshare',
      ['--user', '--map-root-user', 'sh', '-c', forbidding, 'sh', process.execPath, program, ...args],
      { cwd: quickstart, env: { HOME: home, KUBECONFIG: '' } },
    );
    expect(stderr).toMatch(
      /An ordinary user may not make user namespaces on this machine.* sysctl -w user\.max_user_namespaces=/,
    );
    expect(stderr).toContain('[EMBEDDED_UNAVAILABLE]');
    expect(stderr).toMatch(/→ Use a real cluster instead: set KUBECONFIG, or start one with kind, minikube or k3d/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout]).toEqual([1, '']);
    expect(readdirSync(path.join(home, '.devspace/embedded'))).not.toContain('server.json');
  },
);
