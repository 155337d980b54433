import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { KubeClient } from '../../src/kube/client.ts';
import { createKubeClient } from '../../src/kube/real-client.ts';
import { startTestApi, type TestApi } from './embedded-api.ts';
import { tempFolder, writeFiles } from './temp-folder.ts';

/** Our client for the API server of a test, in the namespace `default`. */
export async function kubeOfApi(api: TestApi, token = 'admin'): Promise<KubeClient> {
  const folder = tempFolder();
  const authority = Buffer.from(api.authority.certificate).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      {
        name: 'test',
        cluster: { server: `https://127.0.0.1:${api.port}`, 'certificate-authority-data': authority },
      },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  writeFiles(folder, { config: JSON.stringify(config) });
  return createKubeClient({ files: path.join(folder, 'config'), inCluster: false });
}

/** The real API server for one test, and our client for it. */
export async function useTestApi(...args: Parameters<typeof startTestApi>) {
  const api = await startTestApi(...args);
  onTestFinished(() => api.close());
  return { api, kube: await kubeOfApi(api) };
}
