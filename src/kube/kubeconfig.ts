import { existsSync } from 'node:fs';
import type { AgentOptions, RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Cluster, KubeConfig } from '@kubernetes/client-node';
import { errorText, UserError } from '../core/errors.ts';
import type { Connection } from './rest.ts';

export interface KubeconfigOptions {
  /** Value of `KUBECONFIG`: one or more files. Absent: `~/.kube/config`, else the service account of the pod we run in. */
  readonly files?: string | undefined;
  /** Absent: the current context. */
  readonly context?: string | undefined;
  /** Absent: the namespace of the context, else `default`. */
  readonly namespace?: string | undefined;
  /** Whether we run inside a pod that has a service account. */
  readonly inCluster: boolean;
}

export interface Kubeconfig {
  readonly config: KubeConfig;
  /** The files that were read, as `KUBECONFIG` names them; absent inside of a pod. */
  readonly files?: string;
  readonly context: string;
  readonly namespace: string;
  readonly server: string;
  readonly usesProxy: boolean;
}

/** Reads and merges the files; the current context on disk is never changed. */
export async function loadKubeconfig(options: KubeconfigOptions): Promise<Kubeconfig> {
  const { config, files } = readFiles(options);
  const names = config.getContexts().map(({ name }) => name);
  const context = options.context ?? config.getCurrentContext();
  const chosen = config.getContextObject(context);
  if (!chosen) {
    const known = names.length > 0 ? `It has: ${names.join(', ')}.` : 'It has no context at all.';
    const message = context ? `The kubeconfig has no context ${context}.` : 'The kubeconfig has no current context.';
    throw new UserError('KUBE_CONFIG', `${message} ${known}`);
  }
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) throw new UserError('KUBE_CONFIG', `The context ${context} names no cluster with a server.`);
  // the library refuses plain HTTP, which `kubectl proxy` speaks, unless certificates are not checked; there are none
  if (cluster.server.startsWith('http:')) config.clusters = config.clusters.map(withoutCertificateCheck);
  return {
    config,
    ...(files.length === 0 ? {} : { files: files.join(path.delimiter) }),
    context,
    namespace: options.namespace ?? chosen.namespace ?? 'default',
    server: cluster.server,
    usesProxy: cluster.proxyUrl !== undefined,
  };
}

const withoutCertificateCheck = (cluster: Cluster): Cluster =>
  cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;

function readFiles(options: KubeconfigOptions): { readonly config: KubeConfig; readonly files: readonly string[] } {
  const config = new KubeConfig();
  const listed = options.files ? options.files.split(path.delimiter).filter(Boolean) : [];
  const candidates = listed.length > 0 ? listed : [path.join(homedir(), '.kube', 'config')];
  const files = candidates.filter((file) => existsSync(file));
  if (files.length === 0) {
    if (options.inCluster && listed.length === 0) {
      config.loadFromCluster();
      return { config, files };
    }
    throw new UserError('KUBE_CONFIG', `There is no kubeconfig at ${candidates.join(', ')}.`, {
      hint: 'Set KUBECONFIG to the file of your cluster, or start a local cluster.',
    });
  }
  for (const file of files) {
    try {
      const next = new KubeConfig();
      next.loadFromFile(file);
      addMissing(config, next);
    } catch (error) {
      throw new UserError('KUBE_CONFIG', `The kubeconfig ${file} cannot be read: ${errorText(error)}`, {
        cause: error,
      });
    }
  }
  return { config, files: files.map((file) => path.resolve(file)) };
}

/** The first file that says something wins, as `kubectl` merges them. */
function addMissing(config: KubeConfig, next: KubeConfig): void {
  for (const cluster of next.getClusters()) if (!config.getCluster(cluster.name)) config.addCluster(cluster);
  for (const user of next.getUsers()) if (!config.getUser(user.name)) config.addUser(user);
  for (const context of next.getContexts()) if (!config.getContextObject(context.name)) config.addContext(context);
  if (!config.getCurrentContext()) config.setCurrentContext(next.getCurrentContext());
}

/**
 * How to reach the cluster of a kubeconfig: the library does certificates, tokens and credential plugins. Credentials
 * that the server no longer accepts are read again, as a login in another terminal has left them; a plugin is asked
 * again. Context and server stay what they were.
 */
export function connect(kubeconfig: Kubeconfig, reload: () => Promise<Kubeconfig>): Connection {
  const { server, usesProxy } = kubeconfig;
  let { config } = kubeconfig;
  let renewing: Promise<void> | undefined;
  return {
    server,
    async authorize() {
      const options: RequestOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw new UserError('KUBE_UNAUTHORIZED', `Could not get credentials for ${server}: ${errorText(error)}`, {
          cause: error,
        });
      }
      const { agent, headers, auth, ...rest } = options;
      const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
      return {
        tls: tlsOptions(rest),
        headers: { ...plainHeaders(headers), ...basic },
        ...(usesProxy && typeof agent === 'object' ? { proxy: agent } : {}),
      };
    },
    renew() {
      // many requests are refused at once when a token expires
      renewing ??= reload()
        .then((fresh) => {
          if (fresh.server === server) config = fresh.config;
        })
        .catch(() => {})
        .finally(() => {
          renewing = undefined;
        });
      return renewing;
    },
  };
}

function tlsOptions({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: RequestOptions): AgentOptions {
  const all = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function plainHeaders(headers: RequestOptions['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  if (headers === undefined || Array.isArray(headers)) return result;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) result[name] = String(value);
  return result;
}
