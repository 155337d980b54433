import { readdirSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expiredCertificate } from '../helpers/certificate.ts';
import { expectFailure } from '../helpers/expect-failure.ts';
import { type CliResult, startCli } from '../helpers/run-cli.ts';
import { tempFolder, writeFiles } from '../helpers/temp-folder.ts';
import { waitFor } from '../helpers/wait-for.ts';

interface Fault {
  /** Of the API server; without it there is no kubeconfig at all. */
  readonly server?: string;
  readonly ca?: string;
  readonly flags?: readonly string[];
}

/** A project whose cluster cannot be used. */
function projectFor({ server, ca, flags = [] }: Fault) {
  const cwd = tempFolder();
  const cluster = { server, ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}) };
  writeFiles(cwd, {
    'devspace.yaml':
      'version: v1beta2\ndeployments:\n- { name: app, kubectl: { manifests: [map.yaml] } }\ndev: { terminal: { labelSelector: { app: app } } }\n',
    'map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: app }\n',
    ...(server === undefined
      ? {}
      : {
          kubeconfig: JSON.stringify({
            apiVersion: 'v1',
            kind: 'Config',
            'current-context': 'test',
            clusters: [{ name: 'c', cluster }],
            users: [{ name: 'u', user: { token: 'secret-token' } }],
            contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'dev' } }],
          }),
        }),
  });
  const before = readdirSync(cwd).sort();
  const start = (command: string) =>
    startCli([command, ...flags], { cwd, env: { KUBECONFIG: path.join(cwd, 'kubeconfig') } });
  /** What it has left beside the files of the project. */
  const left = () => readdirSync(cwd).filter((name) => !before.includes(name) && name !== 'home');
  return { start, left };
}

function expectSafeFailure(result: CliResult, errorCode: string, words: RegExp): void {
  expectFailure(result, errorCode, words);
  expect(result.stderr).not.toContain('secret-token');
}

async function listen<S extends Server>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const answering = (listener: RequestListener) => listen(http.createServer(listener));

describe.each(['deploy', 'purge', 'enter'])('K01 %s', (command) => {
  const run = async (fault: Fault): Promise<CliResult & { readonly left: string[] }> => {
    const { start, left } = projectFor(fault);
    return { ...(await start(command).result), left: left() };
  };

  test('without a kubeconfig', async () => {
    const result = await run({});
    expectSafeFailure(result, 'KUBE_CONFIG', /There is no kubeconfig at \S+kubeconfig\./);
    expect(result.left).toEqual([]);
  });

  test('with a context that is not there', async () => {
    const result = await run({ server: 'https://127.0.0.1:1', flags: ['--kube-context', 'elsewhere'] });
    expectSafeFailure(result, 'KUBE_CONFIG', /no context elsewhere\. It has: test\./);
    expect(result.left).toEqual([]);
  });

  test('where nobody listens', async () => {
    const result = await run({ server: 'https://127.0.0.1:1' });
    expectSafeFailure(result, 'KUBE_UNREACHABLE', /https:\/\/127\.0\.0\.1:1 cannot be reached: nothing listens there/);
  });

  test('with a server whose certificate has expired', async () => {
    const port = await listen(https.createServer(expiredCertificate, (_, response) => response.end('{}')));
    const result = await run({ server: `https://127.0.0.1:${port}`, ca: expiredCertificate.cert });
    expectSafeFailure(result, 'KUBE_UNREACHABLE', /cannot be reached: certificate has expired/);
  });

  test('with a login that has expired', async () => {
    const status = { kind: 'Status', status: 'Failure', reason: 'Unauthorized', message: 'Unauthorized', code: 401 };
    const port = await answering((_, response) => response.writeHead(401).end(JSON.stringify(status)));
    const result = await run({ server: `http://127.0.0.1:${port}` });
    expectSafeFailure(result, 'KUBE_UNAUTHORIZED', /Unauthorized/);
  });
});

test('K01 Ctrl-C ends the wait for a server that swallows everything', async () => {
  const asked: unknown[] = [];
  const blackHole = createServer((socket) => {
    asked.push(socket);
    socket.on('error', () => {});
  });
  const { start } = projectFor({ server: `http://127.0.0.1:${await listen(blackHole)}` });
  const { child, result } = start('deploy');
  await waitFor(() => expect(asked).not.toEqual([]));
  child.kill('SIGINT');
  expect(await result).toMatchObject({ code: 130, stdout: '' });
});
