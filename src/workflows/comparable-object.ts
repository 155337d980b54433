import type { KubeObject } from '../kube/objects.ts';

/** What the cluster keeps for itself and changes at any time. */
const ownKeys = ['managedFields', 'resourceVersion', 'uid', 'generation', 'creationTimestamp', 'selfLink'];

type Plain = Readonly<Record<string, unknown>>;

/**
 * Two states of an object without what the cluster keeps for itself. Of secrets only which entries are there and which
 * change can be seen.
 */
export function comparable(before: KubeObject | undefined, after: KubeObject | undefined): [Plain | '', Plain | ''] {
  const [old, next] = [before, after].map((object) => object && withoutOwn(object));
  if ((before ?? after)?.kind !== 'Secret') return [old ?? '', next ?? ''];
  return [old ? masked(old, next, 'before') : '', next ? masked(next, old, 'after') : ''];
}

function withoutOwn({ status: _, ...object }: KubeObject): Plain {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !ownKeys.includes(key)));
  return { ...object, metadata };
}

function masked(object: Plain, other: Plain | undefined, side: 'before' | 'after'): Plain {
  const mask = (key: 'data' | 'stringData'): Plain => {
    const entries = object[key] as Plain | undefined;
    if (!entries) return {};
    const others = (other?.[key] ?? {}) as Plain;
    const hidden = Object.entries(entries).map(([name, value]) => [
      name,
      others[name] === value ? '***' : `*** (${side})`,
    ]);
    return { [key]: Object.fromEntries(hidden) as Plain };
  };
  return { ...object, metadata: withoutCopy(object['metadata'] as Plain), ...mask('data'), ...mask('stringData') };
}

/** `kubectl apply` leaves a copy of the whole secret there. */
function withoutCopy({ annotations, ...metadata }: Plain): Plain {
  if (annotations === undefined) return metadata;
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...others } = annotations as Plain;
  return { ...metadata, annotations: others };
}
