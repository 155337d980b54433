import type { Change } from '../../config/edit/change.ts';
import { UserError } from '../../core/errors.ts';
import type { ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { changeConfig, given } from './change-config.ts';

export interface NewDeployment {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly manifests?: readonly string[] | undefined;
  readonly chart?: string | undefined;
  readonly chartVersion?: string | undefined;
  readonly chartRepo?: string | undefined;
  readonly image?: string | undefined;
  /** Says that the image runs as a component, which it does without it too. */
  readonly component?: true | undefined;
  /** With a Dockerfile or a context the image is built too. */
  readonly dockerfile?: string | undefined;
  readonly context?: string | undefined;
}

/** Adds a deployment of exactly one type: manifests, a chart or an image. Returns the name of the file. */
export async function addDeployment(wish: NewDeployment, options: ProjectOptions, tools: Tools): Promise<string> {
  return changeConfig(planDeployment(wish), options, tools);
}

function planDeployment(wish: NewDeployment): Change[] {
  const { name, namespace, manifests, chart, chartVersion, chartRepo, image, component, dockerfile, context } = wish;
  const types = [manifests, chart, image ?? component].filter((type) => type !== undefined);
  if (types.length !== 1) {
    throw new UserError('USAGE', 'A deployment has exactly one type', {
      hint: 'Give one of --manifests, --chart and --image.',
    });
  }
  if (component && image === undefined) {
    throw new UserError('USAGE', 'A component needs an image', {
      hint: `Name it, as in \`devspace add deployment ${name} --component --image nginx\`.`,
    });
  }
  const base = { kind: 'add deployment' as const, name, ...given({ namespace }) };
  if (manifests) return [{ ...base, manifests }];
  if (chart !== undefined) return [{ ...base, chart: given({ name: chart, version: chartVersion, repo: chartRepo }) }];
  const deployment = { ...base, image: image ?? '' };
  if (dockerfile === undefined && context === undefined) return [deployment];
  return [deployment, { kind: 'add image', name, image: image ?? '', ...given({ dockerfile, context }) }];
}
