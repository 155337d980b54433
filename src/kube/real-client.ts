import path from 'node:path';
import { isCancelled, UserError } from '../core/errors.ts';
import type { KindRef, KubeClient } from './client.ts';
import { createDiscovery, type Resource } from './discovery.ts';
import { connect, type KubeconfigOptions, loadKubeconfig } from './kubeconfig.ts';
import { contextProvider, isLoopback, recognizeLocalCluster } from './local-cluster.ts';
import { type KubeObject, type ObjectRef, objectName } from './objects.ts';
import { openLog, readLog } from './pod-log.ts';
import { createRest, type RestRequest } from './rest.ts';
import { openAttach, openExec } from './streams/exec.ts';
import { openKnownTransports } from './streams/known-transports.ts';
import { createNegotiation } from './streams/negotiation.ts';
import { createPortForwarder } from './streams/port-forward.ts';
import { selectorsOf, watchObjects } from './watch.ts';

/** Under this name the cluster remembers which fields are ours. */
const ownFieldManager = 'devspace';

export interface KubeClientOptions extends KubeconfigOptions {
  /** Where to keep what is learned of the cluster for the next run. Absent: nowhere. */
  readonly cacheFolder?: string;
}

/** The cluster that the kubeconfig names. Rejects with `KUBE_CONFIG` if there is none; makes no contact yet. */
export async function createKubeClient(options: KubeClientOptions): Promise<KubeClient> {
  const kubeconfig = await loadKubeconfig(options);
  // the session stays in its context, whatever another terminal makes the current one
  const reload = () => loadKubeconfig({ ...options, context: kubeconfig.context });
  const rest = createRest(connect(kubeconfig, reload));
  const { cacheFolder } = options;
  const known = cacheFolder
    ? openKnownTransports(path.join(cacheFolder, 'transports'), JSON.stringify([kubeconfig.server, kubeconfig.context]))
    : undefined;
  const negotiation = createNegotiation(rest, known);
  const discover = createDiscovery(rest);

  const resourceOf = async (kind: KindRef, signal: AbortSignal): Promise<Resource> => {
    const resource = await discover(kind, signal);
    if (resource) return resource;
    throw new UserError('KUBE_REJECTED', `The cluster does not know the kind ${kind.kind} of ${kind.apiVersion}`, {
      hint: 'Check apiVersion and kind, or install the custom resource definition first.',
    });
  };
  const sendJson = async (request: RestRequest): Promise<KubeObject> =>
    JSON.parse(await rest.send(request)) as KubeObject;

  const { context, files } = kubeconfig;
  const localCluster = () => recognizeLocalCluster(context, contextProvider(context, files));

  return {
    context,
    namespace: kubeconfig.namespace,
    ...(files === undefined ? {} : { kubeconfig: files }),
    get isLocal() {
      return isLoopback(kubeconfig.server) || localCluster() !== undefined;
    },
    localCluster,

    async read(ref, signal) {
      const path = objectPath(await resourceOf(ref, signal), ref);
      return ifFound(sendJson({ method: 'GET', path, attempt: `read ${objectName(ref)}`, signal }));
    },

    async list(query, signal) {
      const path = collectionPath(await resourceOf(query, signal), query.namespace);
      const attempt = `list ${query.kind}s in namespace ${query.namespace}`;
      const list = await sendJson({ method: 'GET', path, query: selectorsOf(query), attempt, signal });
      const items = Array.isArray(list['items']) ? (list['items'] as KubeObject[]) : [];
      // the items of a typed list carry neither field
      return items.map((item) => ({ ...item, apiVersion: query.apiVersion, kind: query.kind }));
    },

    async apply(object, { defaultNamespace, conflicts, effect, fieldManager = ownFieldManager, signal }) {
      const resource = await resourceOf(object, signal);
      const namespace = resource.namespaced ? (object.metadata.namespace ?? defaultNamespace) : undefined;
      const metadata = { ...object.metadata, ...(namespace === undefined ? {} : { namespace }) };
      const ref = { ...object, name: metadata.name, ...(namespace === undefined ? {} : { namespace }) };
      try {
        return await sendJson({
          method: 'PATCH',
          path: objectPath(resource, ref),
          query: [
            ['fieldManager', fieldManager],
            ['force', String(conflicts === 'take')],
            ...(effect === 'dry run' ? ([['dryRun', 'All']] as const) : []),
          ],
          body: { contentType: 'application/apply-patch+yaml', text: JSON.stringify({ ...object, metadata }) },
          attempt: `apply ${objectName(ref)}`,
          signal,
        });
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== 'KUBE_CONFLICT') throw error;
        throw new UserError('KUBE_CONFLICT', error.message, {
          hint: 'Take the fields over with --force-conflicts, or remove them from your manifest.',
        });
      }
    },

    async delete(ref, signal) {
      const resource = await discover(ref, signal);
      if (!resource) return false;
      const path = objectPath(resource, ref);
      const body = { contentType: 'application/json', text: JSON.stringify({ propagationPolicy: 'Background' }) };
      const attempt = `delete ${objectName(ref)}`;
      return (await ifFound(sendJson({ method: 'DELETE', path, body, attempt, signal }))) !== undefined;
    },

    isNamespaced: async (kind, signal) => (await discover(kind, signal))?.namespaced,

    watch: (query, { signal }) =>
      watchObjects(
        { rest, query, path: async () => collectionPath(await resourceOf(query, signal), query.namespace) },
        signal,
      ),

    readLog: (container, options) => readLog(rest, container, options),
    streamLog: (container, options) => openLog(rest, container, options),
    exec: (container, execOptions) => openExec(negotiation, container, execOptions),
    attach: (container, attachOptions) => openAttach(negotiation, container, attachOptions),
    openPort: createPortForwarder(negotiation),
  };
}

function collectionPath(resource: Resource, namespace: string): string {
  const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${resource.base}${scope}/${resource.plural}`;
}

function objectPath(resource: Resource, { name, namespace = 'default' }: ObjectRef): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

async function ifFound<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (!isCancelled(error) && error instanceof UserError && error.code === 'KUBE_NOT_FOUND') return undefined;
    throw error;
  }
}
