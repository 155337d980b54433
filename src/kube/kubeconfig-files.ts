import { existsSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { errorText, UserError } from '../core/errors.ts';

/** One file of the kubeconfig, by itself: kubectl merges them in their order, and changes the one that has the entry. */
export interface KubeconfigFile {
  /** Absolute. */
  readonly path: string;
  readonly currentContext?: string;
  /** In the order of the file. */
  readonly contexts: readonly KubeconfigContext[];
}

export interface KubeconfigContext {
  readonly name: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

export interface KubeconfigFilesOptions {
  /** Value of `KUBECONFIG`, or of `--kubeconfig`: one or more files. */
  readonly files: string | undefined;
  readonly home: string;
  readonly cwd: string;
}

/** The files that exist, in the order of their weight. Rejects with `KUBE_CONFIG` for one that cannot be read. */
export function readKubeconfigFiles({ files, home, cwd }: KubeconfigFilesOptions): KubeconfigFile[] {
  const listed = (files ?? '').split(path.delimiter).filter(Boolean);
  const candidates = listed.length > 0 ? listed : [path.join(home, '.kube', 'config')];
  const found = [...new Set(candidates.map((file) => path.resolve(cwd, file)))].filter((file) => existsSync(file));
  if (found.length > 0) return found.map(readOne);
  throw new UserError('KUBE_CONFIG', `There is no kubeconfig at ${candidates.join(', ')}.`, {
    hint: 'Set KUBECONFIG to the file of your cluster, or start a local cluster.',
  });
}

function readOne(file: string): KubeconfigFile {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new UserError('KUBE_CONFIG', `The kubeconfig ${file} cannot be read: ${errorText(error)}`, { cause: error });
  }
  const current = config.getCurrentContext();
  return {
    path: file,
    ...(current ? { currentContext: current } : {}),
    contexts: config.getContexts().map(({ name, cluster, user, namespace }) => ({
      name,
      cluster,
      user,
      ...(namespace ? { namespace } : {}),
    })),
  };
}
