import type { HookAction, HookContainer } from '../../config/types.ts';
import { sleep } from '../../core/abort.ts';
import { repositoryOf } from '../../kube/image-names.ts';
import type { Pod } from '../../kube/objects.ts';
import { toQuery } from '../targets.ts';
import type { Run } from '../tools.ts';
import type { HookContext } from './hook-context.ts';

type Wait = Extract<HookAction, { kind: 'wait' }>;

/** Which containers count. */
interface Wanted {
  readonly podName?: string | undefined;
  readonly containerName?: string | undefined;
  readonly imageRepository?: string | undefined;
}

const pollMs = 500;

/** Waits until a container runs or has ended with the wanted code; rejects after the hook's timeout. */
export async function waitForContainer(
  wait: Wait,
  container: HookContainer,
  { project, run }: { readonly project: HookContext['project']; readonly run: Run },
): Promise<void> {
  const kube = await run.kube(project.kubeChoice);
  const query = { ...toQuery(container.target, { config: project.config, kube }), podName: container.pod };
  const labelSelector = Object.entries(query.labelSelector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace: query.namespace };
  const deadline = Date.now() + wait.timeoutSeconds * 1000;
  for (;;) {
    const found = (await kube.list(labelSelector === '' ? pods : { ...pods, labelSelector }, run.signal)) as Pod[];
    if (found.some((pod) => isAsWanted(pod, query, wait))) break;
    if (Date.now() >= deadline) {
      throw new Error(
        `no container ${wait.running ? 'ran' : `ended with code ${wait.terminatedWithCode}`} in ${wait.timeoutSeconds} s`,
      );
    }
    run.log.status(`Waiting for ${container.pod ?? (labelSelector || query.imageRepository)}`);
    await sleep(pollMs, run.signal);
  }
  run.log.status(undefined);
}

/** Pure: whether the pod has a container in one of the states that the hook waits for. */
export function isAsWanted(pod: Pod, { podName, containerName, imageRepository }: Wanted, wait: Wait): boolean {
  const { metadata, spec, status } = pod;
  if (metadata.deletionTimestamp !== undefined || (podName !== undefined && metadata.name !== podName)) return false;
  const names = spec.containers
    .filter(({ name }) => containerName === undefined || name === containerName)
    .filter(({ image = '' }) => imageRepository === undefined || repositoryOf(image) === repositoryOf(imageRepository))
    .map(({ name }) => name);
  return (status?.containerStatuses ?? [])
    .filter(({ name }) => names.includes(name))
    .some(({ state }) => {
      if (wait.running && state?.running !== undefined) return true;
      return wait.terminatedWithCode !== undefined && state?.terminated?.exitCode === wait.terminatedWithCode;
    });
}
