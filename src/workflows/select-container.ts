import type { ResolvedConfig, TargetSelector } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import type { TargetQuery } from '../kube/find-target.ts';
import { repositoryOf } from '../kube/image-names.ts';
import { pickContainer } from './pick-container.ts';
import type { ProjectOptions } from './project.ts';
import { namesConfiguredImage, toQuery } from './targets.ts';
import type { Tools } from './tools.ts';

/** What the flags say about the container; the same for every command that works with one. */
export interface ContainerChoice {
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  readonly labelSelector?: Readonly<Record<string, string>> | undefined;
  /** An image, or `image(app)` for one of the configuration. */
  readonly imageSelector?: string | undefined;
  /** Name of an entry under `dev`, or under `dev.selectors` of old versions. */
  readonly selector?: string | undefined;
  /** Of several that fit: the newest ready one, or the one that the user chooses. */
  readonly pick: 'newest' | 'ask';
}

export interface SelectOptions {
  readonly project: ProjectOptions;
  readonly choice: ContainerChoice;
}

export interface FoundQuery {
  readonly kube: KubeClient;
  readonly query: TargetQuery;
}

/** Whether the flags say which pod is meant, so that the configuration need not name one. */
export const namesPod = ({ pod, labelSelector, imageSelector, selector, pick }: ContainerChoice): boolean =>
  (pod ?? labelSelector ?? imageSelector ?? selector) !== undefined || pick === 'ask';

/**
 * The query that the flags, or else the configuration, ask for. With `pick: ask` the user has chosen, and the query
 * names one container of one pod; without a terminal this rejects with `USAGE`, which names the flags that answer.
 */
export async function findQuery(options: SelectOptions, tools: Tools): Promise<FoundQuery> {
  const found = await planQuery(options, tools);
  if (options.choice.pick === 'newest') return found;
  const { signal } = options.project;
  return { ...found, query: await pickContainer(found.query, { kube: found.kube, prompt: tools.prompt, signal }) };
}

async function planQuery({ project: projectOptions, choice }: SelectOptions, tools: Tools): Promise<FoundQuery> {
  const { pod, container, labelSelector = {}, imageSelector } = choice;
  const names = {
    ...(pod === undefined ? {} : { podName: pod }),
    ...(container === undefined ? {} : { containerName: container }),
  };
  if (namesPod(choice) && !needsConfiguration(choice)) {
    const kube = await tools.kube(projectOptions.kube);
    const image = imageSelector === undefined ? {} : { imageRepository: repositoryOf(imageSelector) };
    return { kube, query: { namespace: kube.namespace, labelSelector, ...image, ...names } };
  }
  // only here: a pod that is named needs no configuration and so not the code that reads it
  const { loadProject } = await import('./project.ts');
  const { config, kubeChoice } = await loadProject(projectOptions, tools);
  const kube = await tools.kube(kubeChoice);
  return { kube, query: { ...toQuery(selectTarget(choice, config), { config, kube }), ...names } };
}

const needsConfiguration = ({ imageSelector, selector }: ContainerChoice): boolean =>
  selector !== undefined || (imageSelector !== undefined && namesConfiguredImage(imageSelector));

/** Pure: what the flags select with the help of the configuration, or what it names itself. */
function selectTarget(choice: ContainerChoice, { dev }: ResolvedConfig): TargetSelector {
  const { selector, labelSelector, imageSelector } = choice;
  const named = selector === undefined ? undefined : namedTarget(selector, dev);
  const labels = { ...named?.labelSelector, ...labelSelector };
  if (namesPod(choice))
    return { ...named, labelSelector: labels, ...(imageSelector === undefined ? {} : { imageSelector }) };
  const target = dev.terminal.target ?? dev.sync[0]?.target ?? dev.ports[0]?.target ?? dev.selectors[0]?.target;
  if (target) return target;
  throw new UserError('TARGET_NOT_FOUND', 'The configuration names no container.', {
    hint: 'Name one with --pod, --label-selector or --image-selector.',
  });
}

function namedTarget(name: string, { selectors }: ResolvedConfig['dev']): TargetSelector {
  const found = selectors.find((selector) => selector.name === name);
  if (found) return found.target;
  const known = selectors.map((selector) => selector.name).join(', ');
  throw new UserError('TARGET_NOT_FOUND', `The configuration has no selector ${name}.`, {
    hint: known === '' ? 'It has none at all.' : `It has: ${known}.`,
  });
}
