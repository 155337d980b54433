import { releaseManifest } from '../../helm/releases.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { parseManifests } from '../collect-manifests.ts';
import type { DeployRun } from '../deploy-run.ts';
import type { HelmTarget } from './helm-target.ts';

/** The objects of the release's newest revision, each with its namespace. */
export async function releaseObjects(
  { helm, cluster, ref }: HelmTarget,
  { kube, signal }: Pick<DeployRun, 'kube' | 'signal'>,
): Promise<KubeObject[]> {
  const manifest = await releaseManifest({ ...helm, signal }, ref.release, cluster);
  const objects = parseManifests(manifest, `the manifest of the release ${ref.release}`);
  return Promise.all(
    objects.map(async (object) => {
      if (object.metadata.namespace !== undefined || !(await kube.isNamespaced(object, signal))) return object;
      return { ...object, metadata: { ...object.metadata, namespace: ref.namespace } };
    }),
  );
}
