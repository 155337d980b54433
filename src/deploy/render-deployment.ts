import type { DeploymentConfig, HelmDeployment } from '../config/types.ts';
import type { KubeObject } from '../kube/objects.ts';
import { collectManifests, parseManifests } from './collect-manifests.ts';
import { renderComponent } from './component/render-component.ts';
import { buildKustomization } from './kustomize.ts';
import { mergeValues } from './merge-values.ts';
import { patchObjects } from './patch-objects.ts';
import type { PlannedDeployment, PlannedObjects, RenderRun } from './planned-deployment.ts';
import { readValues } from './read-values.ts';
import { planRelease } from './release/plan-release.ts';

/** Kinds that others need: they go first inside one deployment. */
const firstKinds = ['Namespace', 'CustomResourceDefinition'];

/**
 * Turns a deployment of any kind into objects, in the order in which they are applied, or into what Helm needs. Nothing in the cluster is
 * touched. Rejects with `DEPLOY_MANIFEST`, `DEPLOY_KUSTOMIZE`, `HELM_MISSING` or `HELM_CHART`, before anything is built.
 */
export async function renderDeployment(
  deployment: DeploymentConfig,
  projectRoot: string,
  run: RenderRun,
): Promise<PlannedDeployment> {
  if (deployment.type === 'helm') return planRelease(deployment, projectRoot, run);
  return renderManifests(deployment, projectRoot, run);
}

type RenderedDeployment = Exclude<DeploymentConfig, HelmDeployment>;

/** The same for a deployment whose objects need no Helm. */
export async function renderManifests(
  deployment: RenderedDeployment,
  projectRoot: string,
  run: Pick<RenderRun, 'env' | 'log' | 'signal'>,
): Promise<PlannedObjects> {
  const { name, namespace, updateImageTags } = deployment;
  const objects = planOrder(await renderObjects(deployment, projectRoot, run));
  const isOurs = deployment.type !== 'kubectl' || deployment.inlineManifest !== undefined;
  const imageWords = isOurs ? 'filled' : 'kept';
  const { patches, forceConflicts } = deployment.type === 'kubectl' ? deployment : unpatched;
  // a patch that does not fit is told before anything is built
  for (const { target } of patchObjects(objects, patches, name).missed) {
    run.log.warn(`Deployment ${name}: there is no ${target.kind ?? 'object'} ${target.name} to patch`);
  }
  const place = namespace === undefined ? {} : { namespace };
  return { kind: 'objects', name, objects, updateImageTags, imageWords, patches, forceConflicts, ...place };
}

const unpatched = { patches: [], forceConflicts: false };

async function renderObjects(
  deployment: RenderedDeployment,
  projectRoot: string,
  run: Pick<RenderRun, 'env' | 'signal'>,
): Promise<KubeObject[]> {
  const { name } = deployment;
  if (deployment.type === 'component') {
    const { releaseName = name, values, valuesFiles } = deployment;
    const files = valuesFiles.map((file) => readValues({ file, name, code: 'DEPLOY_MANIFEST' }, projectRoot));
    return renderComponent(releaseName, mergeValues([...files, values]));
  }
  const { inlineManifest, kustomize, manifests } = deployment;
  if (inlineManifest !== undefined) return parseManifests(inlineManifest, `inlineManifest of ${name}`);
  if (!kustomize) return collectManifests(deployment, projectRoot);
  const built: KubeObject[] = [];
  for (const folder of manifests)
    built.push(...(await buildKustomization({ name, folder, kustomize, projectRoot }, run)));
  return built;
}

function planOrder(objects: readonly KubeObject[]): KubeObject[] {
  const rank = ({ kind }: KubeObject) => (firstKinds.includes(kind) ? firstKinds.indexOf(kind) : firstKinds.length);
  return [...objects].sort((a, b) => rank(a) - rank(b));
}
