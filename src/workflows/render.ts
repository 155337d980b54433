import { toYaml } from '../config/to-yaml.ts';
import { UserError } from '../core/errors.ts';
import { renderedObjects } from '../deploy/rendered-objects.ts';
import { openChartFolder } from '../helm/charts.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type DependencyChoice, forDependencies } from './dependencies.ts';
import { planDeployments, selectDeployments } from './deployments.ts';
import { createHooks } from './hooks/hooks.ts';
import { type HookedRun, type ImageChoice, imagesOf, provideImages } from './images.ts';
import type { Project } from './project.ts';
import type { Tools } from './tools.ts';

export interface RenderOptions {
  readonly build: ImageChoice;
  /** Names of deployments; all without it. */
  readonly only?: readonly string[] | undefined;
  readonly dependencies: DependencyChoice;
  readonly signal: AbortSignal;
}

/** What deploying would apply, as YAML: first that of the dependencies, in the order of the deployments. */
export async function render(project: Project, options: RenderOptions, tools: Tools): Promise<string> {
  const run = { ...tools, signal: options.signal };
  const hooked = { ...run, hooks: createHooks(project, run) };
  const objects: KubeObject[] = [];
  await forDependencies(project, options.dependencies, hooked, async (dependency, dependencyRun) => {
    objects.push(...(await renderProject(dependency, { ...options, only: undefined }, dependencyRun)));
  });
  if (options.dependencies.only === undefined) objects.push(...(await renderProject(project, options, hooked)));
  return objects.map((object) => `---\n${toYaml(object)}`).join('');
}

async function renderProject(project: Project, options: RenderOptions, run: HookedRun): Promise<KubeObject[]> {
  using charts = openChartFolder();
  const deployments = await planDeployments(project, selectDeployments(project, options.only), { ...run, charts });
  const images = await provideImages(imagesOf(project), options.build, run);
  const place = { ...run, project: project.name, namespace: await namespaceOf(project, run) };
  const objects: KubeObject[] = [];
  for (const deployment of deployments) objects.push(...(await renderedObjects(deployment, images, place)));
  run.log.status(undefined);
  return objects;
}

/** Charts may ask for their namespace; without a kubeconfig it is `default`. */
async function namespaceOf({ kubeChoice }: Project, run: HookedRun): Promise<string> {
  try {
    return (await run.kube(kubeChoice)).namespace;
  } catch (error) {
    if (error instanceof UserError && error.code === 'KUBE_CONFIG') return kubeChoice.namespace ?? 'default';
    throw error;
  }
}
