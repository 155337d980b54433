import type { Prompt } from '../config/variables/prompt.ts';
import { UserError } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import { describeQuery, podsOf, selectContainer, selectContainers, type TargetQuery } from '../kube/find-target.ts';

export interface PickOptions {
  readonly kube: KubeClient;
  /** Absent: there is nobody to ask. */
  readonly prompt: Prompt | undefined;
  readonly signal: AbortSignal;
}

/** Asks which of the running containers that fit is meant; a single one is taken without a question. */
export async function pickContainer(query: TargetQuery, { kube, prompt, signal }: PickOptions): Promise<TargetQuery> {
  const pods = await podsOf(query, kube, signal);
  const candidates = pods
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))
    .flatMap((pod) => selectContainers(pod, query).map((containerName) => ({ pod, containerName })))
    .filter(({ pod, containerName }) => selectContainer([pod], { ...query, containerName }).found !== undefined);
  const choose = (pod: string, containerName: string) => ({ ...query, podName: pod, containerName });
  const [first, ...others] = candidates;
  if (!first) {
    const { namespace } = query;
    const message = `No container to use in namespace ${namespace}: there is no running ${describeQuery(query)}`;
    throw new UserError('TARGET_NOT_FOUND', message);
  }
  if (others.length === 0) return choose(first.pod.metadata.name, first.containerName);
  const options = candidates.map(({ pod, containerName }) => `${pod.metadata.name} ${containerName}`);
  if (!prompt) {
    const names = options.map((option) => option.replace(' ', ' container ')).join(', ');
    throw new UserError(
      'USAGE',
      `--pick asks which container is meant, and no terminal is attached. There are: ${names}.`,
      {
        hint: 'Name one with --pod and --container.',
      },
    );
  }
  const question = {
    name: 'container',
    text: 'Which container?',
    options,
    isPassword: false,
    validate: () => undefined,
  };
  const [pod = '', container = ''] = (await prompt.ask(question, signal)).split(' ');
  return choose(pod, container);
}
