import type { BuildChoice, BuiltImage } from '../build/build-run.ts';
import { buildDependencies, type DependencyChoice } from './dependencies.ts';
import { createHooks } from './hooks/hooks.ts';
import { buildAndPush, imagesOf } from './images.ts';
import type { Project } from './project.ts';
import type { RunReport } from './run-report.ts';
import { step } from './step.ts';
import type { Tools } from './tools.ts';

export interface BuildOptions {
  readonly build: BuildChoice;
  readonly dependencies: DependencyChoice;
  /** Filled with what becomes of each image. */
  readonly report?: Pick<RunReport, 'images'>;
  readonly signal: AbortSignal;
}

/** Builds and pushes every image of the project and of its dependencies with its Dockerfile as it is. */
export async function build(project: Project, options: BuildOptions, tools: Tools): Promise<BuiltImage[]> {
  const { report, signal } = options;
  const run = { ...tools, ...(report === undefined ? {} : { report }), signal };
  const hooks = createHooks(project, run);
  const images = await hooks.command('buildCommand', async () => {
    await buildDependencies(project, options, { ...run, hooks });
    if (options.dependencies.only !== undefined) return [];
    return step('Build and push', run.log, () => buildAndPush(imagesOf(project), options.build, { ...run, hooks }));
  });
  if (options.dependencies.only !== undefined) return images;
  tools.log.done(
    images.length === 0
      ? 'There is no image to build'
      : `Built ${images.length} image${images.length === 1 ? '' : 's'}`,
  );
  return images;
}
