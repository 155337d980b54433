import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKubeClient } from '../../../src/kube/real-client.ts';
import { tempFolder, writeFiles } from '../../helpers/temp-folder.ts';

test('K03: a session stays in its context when another terminal switches it, also when its login has expired', async () => {
  const asked: string[] = [];
  let accepted = 'mine-1';
  const server = createServer(({ url = '', headers: { authorization = '' } }, response) => {
    asked.push(`${authorization.replace('Bearer ', '')} ${url.split('?')[0] ?? ''}`);
    const isThe = authorization === `Bearer ${accepted}`;
    response
      .writeHead(isThe ? 200 : 401)
      .end(JSON.stringify({ kind: 'PodList', metadata: {}, items: [], resources: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const folder = tempFolder();
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const write = (current: string, mine: string) => {
    const users = [
      { name: 'mine', user: { token: mine } },
      { name: 'other', user: { token: 'other' } },
    ];
    const contexts = users.map(({ name }) => ({ name, context: { cluster: 'one', user: name, namespace: name } }));
    const clusters = [{ name: 'one', cluster: { server: address } }];
    const config = { apiVersion: 'v1', kind: 'Config', 'current-context': current, clusters, users, contexts };
    writeFiles(folder, { config: JSON.stringify(config) });
  };
  write('mine', 'mine-1');
  const kube = await createKubeClient({ files: path.join(folder, 'config'), inCluster: false });
  const { signal } = new AbortController();
  const read = () => kube.read({ apiVersion: 'v1', kind: 'Namespace', name: 'x' }, signal).catch(() => undefined);
  await read();
  write('other', 'mine-2');
  await read();
  accepted = 'mine-2';
  await read();
  expect([kube.context, kube.namespace]).toEqual(['mine', 'mine']);
  expect([...new Set(asked.map((line) => line.split(' ')[0]))]).toEqual(['mine-1', 'mine-2']);
});
