import { templateRelease } from '../helm/releases.ts';
import { helmEnvironment } from '../helm/run-helm.ts';
import type { KubeObject } from '../kube/objects.ts';
import { parseManifests } from './collect-manifests.ts';
import { finalObjects } from './final-objects.ts';
import type { TaggedImage } from './image-tags.ts';
import type { PlannedDeployment, PlannedRelease, RenderRun } from './planned-deployment.ts';
import { helmProgram } from './release/helm-program.ts';
import { releaseValues } from './release/release-values.ts';

export interface RenderPlace extends Pick<RenderRun, 'env' | 'signal'> {
  readonly project: string;
  /** Of deployments that name none. */
  readonly namespace: string;
}

/**
 * What a deployment would apply with these images, in its order. No cluster is contacted. Objects get the namespace that
 * the deployment names; others are left to whoever applies them.
 */
export async function renderedObjects(
  deployment: PlannedDeployment,
  images: readonly TaggedImage[],
  place: RenderPlace,
): Promise<KubeObject[]> {
  const { name, namespace } = deployment;
  const objects =
    deployment.kind === 'release'
      ? await templateObjects(deployment, images, place)
      : finalObjects(deployment, images, { project: place.project, deployment: name });
  return namespace === undefined ? objects : objects.map((object) => inNamespace(object, namespace));
}

async function templateObjects(
  release: PlannedRelease,
  images: readonly TaggedImage[],
  { env, signal, namespace: ofRun }: RenderPlace,
): Promise<KubeObject[]> {
  const { helm: config, chart, projectRoot, namespace = ofRun } = release;
  const helm = {
    program: helmProgram(config, projectRoot),
    cwd: projectRoot,
    env: helmEnvironment(env, { kubeconfig: env['KUBECONFIG'] }),
    signal,
  };
  const values = releaseValues(release, images);
  const plan = { release: config.releaseName, chart, values, args: config.upgradeArgs };
  const manifest = await templateRelease(helm, plan, { namespace, args: config.templateArgs });
  return parseManifests(manifest, `the chart of ${release.name}`);
}

/** Kinds of Kubernetes itself that live in no namespace. */
const clusterWide =
  /^(Namespace|Node|PersistentVolume|CustomResourceDefinition|APIService|Cluster\w+|\w+Class|\w+WebhookConfiguration|ValidatingAdmissionPolicy\w*)$/;

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  if (object.metadata.namespace !== undefined || clusterWide.test(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
