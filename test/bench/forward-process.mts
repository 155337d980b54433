/** Forwards ports until it is killed, as `devspace dev` does: NAMESPACE POD LOCAL:REMOTE... Prints `ready`. */
import { startForwarding } from '../../src/forward/forward-ports.ts';
import { createKubeClient } from '../../src/kube/real-client.ts';
import { recordingLog } from '../helpers/recording-log.ts';

const [namespace = '', pod = '', ...ports] = process.argv.slice(2);
const kube = await createKubeClient({ files: process.env['KUBECONFIG'], namespace, inCluster: false });
const target = { current: async () => ({ namespace, pod, container: 'c' }), lost: () => {} };
const mappings = ports.map((port) => {
  const [local = 0, remote = 0] = port.split(':').map(Number);
  return { port: local, remotePort: remote, bindAddress: '127.0.0.1' };
});
const { signal } = new AbortController();
const log = { ...recordingLog(), warn: (words: string) => process.stderr.write(`${words}\n`) };
await startForwarding([{ target, mappings }], { kube, log, signal }).ready;
process.stdout.write('ready\n');
