import { abortable } from '../../core/abort.ts';
import type { Log } from '../../core/log.ts';
import { startEmbeddedCluster } from '../../embedded/cluster.ts';
import { removeRecord, writeRecord } from './server-record.ts';

/** Runs the embedded cluster until the signal aborts, then stops its containers and takes its record away. */
export async function serveEmbedded(folder: string, log: Log, signal: AbortSignal): Promise<void> {
  const own = new AbortController();
  const cluster = await startEmbeddedCluster({
    stateDir: folder,
    signal: own.signal,
    onError: (text) => log.warn(text),
  });
  try {
    const { server, kubeconfig, dockerHost } = cluster;
    writeRecord(folder, { server, kubeconfig, dockerHost });
    log.done(`The embedded cluster runs at ${server}`);
    await abortable(cluster.done, signal);
  } finally {
    removeRecord(folder);
    await cluster.close();
    own.abort();
  }
}
