import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadYaml } from '@kubernetes/client-node';

/** A cluster on this machine that takes images without a registry. */
export interface LocalCluster {
  /** `shared`: its nodes run on the Docker Engine of this machine, as in Docker Desktop. */
  readonly kind: 'shared' | 'minikube' | 'kind' | 'k3d';
  /** Its own name: the profile of minikube, what follows `kind-` or `k3d-`, else the context. */
  readonly name: string;
}

/** Contexts that these programs make for the cluster on their own engine. */
const sharedContexts = ['docker-desktop', 'docker-for-desktop', 'orbstack'];
const minikubeProvider = 'minikube.sigs.k8s.io';

/**
 * Pure: what the name of a context tells, as the original decides it, and for minikube the provider that it writes
 * beside the context. `undefined` for every other cluster.
 */
export function recognizeLocalCluster(context: string, provider: string | undefined): LocalCluster | undefined {
  if (sharedContexts.includes(context)) return { kind: 'shared', name: context };
  if (context === 'minikube' || provider === minikubeProvider) return { kind: 'minikube', name: context };
  const [, program, name] = /^(kind|k3d)-(.+)$/.exec(context) ?? [];
  return name === undefined ? undefined : { kind: program === 'kind' ? 'kind' : 'k3d', name };
}

/** Pure: whether nobody but this machine can reach the server. */
export const isLoopback = (server: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(URL.canParse(server) ? new URL(server).hostname : '');

interface ContextEntry {
  readonly name?: string;
  readonly context?: { readonly extensions?: readonly { readonly extension?: { readonly provider?: string } }[] };
}

/** Who made the context, where the files tell it; the library of the kubeconfig leaves that out. */
export function contextProvider(context: string, files: string | undefined): string | undefined {
  for (const file of (files ?? '').split(path.delimiter).filter(existsSync)) {
    const config = loadYaml<{ readonly contexts?: readonly ContextEntry[] } | undefined>(readFileSync(file, 'utf8'));
    const found = config?.contexts?.find(({ name }) => name === context);
    const extensions = found?.context?.extensions ?? [];
    if (found) return extensions.map(({ extension }) => extension?.provider).find((provider) => provider !== undefined);
  }
  return undefined;
}
