import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import type { DeployRun } from '../deploy-run.ts';

const atOnce = 16;

/** What the cluster has of each object, in their order; `undefined` for what is not there. */
export async function readLive(
  refs: readonly ObjectRef[],
  { kube, signal }: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<(KubeObject | undefined)[]> {
  const live = new Array<KubeObject | undefined>(refs.length);
  const queue = refs.entries();
  const work = async () => {
    for (const [index, ref] of queue) {
      // the definition of its kind may be gone
      const isKnown = (await kube.isNamespaced(ref, signal)) !== undefined;
      live[index] = isKnown ? await kube.read(ref, signal) : undefined;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return live;
}

/** The object's place in the cluster, with the namespace that it gets when it names none. */
export async function placedRef(
  object: KubeObject,
  defaultNamespace: string,
  { kube, signal }: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<ObjectRef> {
  const { apiVersion, kind, metadata } = object;
  const ref = { apiVersion, kind, name: metadata.name };
  if ((await kube.isNamespaced(object, signal)) === false) return ref;
  return { ...ref, namespace: metadata.namespace ?? defaultNamespace };
}
