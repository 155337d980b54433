import { asObject, asText, at } from '../api/objects.ts';
import type { Pod } from '../api/pod-types.ts';
import type { Objects } from '../api/write.ts';
import { quantity } from './environment.ts';

export const nodeName = 'embedded';

/** What the one node lacks for the pod. */
export function whyUnschedulable(objects: Objects, pod: Pod): string | undefined {
  const node = objects.get(objects.resources.builtIn('nodes'), { namespace: '', name: nodeName });
  const labels = node?.metadata.labels ?? {};
  const wanted = Object.entries(asObject(pod.spec['nodeSelector']));
  if (!wanted.every(([key, value]) => labels[key] === value))
    return "1 node(s) didn't match Pod's node affinity/selector";
  if (at(node, 'spec', 'unschedulable') === true) return '1 node(s) were unschedulable';
  const unbound = whyUnbound(objects, pod);
  if (unbound !== undefined) return unbound;
  const short = ['cpu', 'memory'].filter((name) => {
    const requests = pod.spec.containers.map(({ resources }) => quantity(at(resources, 'requests', name)));
    return requests.reduce((sum, value) => sum + value, 0) > quantity(at(node, 'status', 'allocatable', name));
  });
  return short.length === 0 ? undefined : short.map((name) => `1 Insufficient ${name}`).join(', ');
}

/** A pod is placed only once its claims have their volumes. */
function whyUnbound(objects: Objects, { metadata, spec }: Pod): string | undefined {
  for (const volume of spec.volumes ?? []) {
    const name = asText(at(volume, 'persistentVolumeClaim', 'claimName'));
    if (name === '') continue;
    const place = { namespace: metadata.namespace ?? '', name };
    const claim = objects.get(objects.resources.builtIn('persistentvolumeclaims'), place);
    if (!claim) return `persistentvolumeclaim ${JSON.stringify(name)} not found`;
    if (at(claim, 'status', 'phase') !== 'Bound') return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}
