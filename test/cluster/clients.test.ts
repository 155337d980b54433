import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { realClients } from '../helpers/real-clients.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace();

test('the real kubectl and helm find the cluster through its kubeconfig', async () => {
  const { kubectl, helm } = await realClients();
  const run = async (program: string, ...args: string[]) => (await promisify(execFile)(program, args)).stdout;
  expect(await run(kubectl, 'get', 'namespace', namespace.name, '-o', 'name')).toBe(`namespace/${namespace.name}\n`);
  expect(await run(helm, 'list', '--namespace', namespace.name, '--short')).toBe('');
});
