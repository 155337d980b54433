import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ComponentDeployment, DeploymentConfig } from '../config/types.ts';
import { parseYamlDocuments } from '../config/yaml-documents.ts';
import { errorText, UserError } from '../core/errors.ts';
import type { KubeObject } from '../kube/objects.ts';
import { collectManifests, parseManifests } from './collect-manifests.ts';
import { renderComponent } from './component/render-component.ts';
import type { Values } from './component/values.ts';
import { buildKustomization } from './kustomize.ts';
import type { PlannedDeployment, RenderRun } from './planned-deployment.ts';

/** Kinds that others need: they go first inside one deployment. */
const firstKinds = ['Namespace', 'CustomResourceDefinition'];

/**
 * Turns a deployment of any kind into objects, in the order in which they are applied. Nothing in the cluster is
 * touched. Rejects with `DEPLOY_MANIFEST`, `DEPLOY_KUSTOMIZE` or `DEPLOY_UNSUPPORTED`, before anything is built.
 */
export async function renderDeployment(
  deployment: DeploymentConfig,
  projectRoot: string,
  run: RenderRun,
): Promise<PlannedDeployment> {
  const { name, namespace, updateImageTags } = deployment;
  const objects = planOrder(await renderObjects(deployment, projectRoot, run));
  const isOurs = deployment.type !== 'kubectl' || deployment.inlineManifest !== undefined;
  const imageWords = isOurs ? 'filled' : 'kept';
  return { name, objects, updateImageTags, imageWords, ...(namespace === undefined ? {} : { namespace }) };
}

async function renderObjects(deployment: DeploymentConfig, projectRoot: string, run: RenderRun): Promise<KubeObject[]> {
  const { name } = deployment;
  if (deployment.type === 'helm') {
    throw new UserError('DEPLOY_UNSUPPORTED', `Deployment ${name} is a Helm chart.`);
  }
  if (deployment.type === 'component') return renderComponent(name, readValues(deployment, projectRoot));
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

/** The values of a component: its files, the later over the earlier, and the values of the configuration over all. */
function readValues({ name, values, valuesFiles }: ComponentDeployment, projectRoot: string): Values {
  const files = valuesFiles.map((file) => {
    try {
      const [document] = parseYamlDocuments(readFileSync(path.resolve(projectRoot, file), 'utf8'));
      return document ?? {};
    } catch (error) {
      throw new UserError('DEPLOY_MANIFEST', `Deployment ${name}: ${file} cannot be read: ${errorText(error)}`, {
        cause: error,
      });
    }
  });
  return [...files, values].reduce<Values>((merged, more) => merge(merged, more) as Values, {});
}

/** Maps are merged, everything else is replaced. */
function merge(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const merged = Object.entries(above).map(([key, value]) => [key, key in below ? merge(below[key], value) : value]);
  return { ...below, ...Object.fromEntries(merged) };
}

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
