import { patchData } from '../config/patch-data.ts';
import type { ObjectPatch } from '../config/types.ts';
import { UserError } from '../core/errors.ts';
import type { KubeObject } from '../kube/objects.ts';

interface Patched {
  readonly objects: readonly KubeObject[];
  /** Patches whose object is not there. */
  readonly missed: readonly ObjectPatch[];
}

/**
 * The objects with the patches applied one after the other. Throws `DEPLOY_MANIFEST` for one that cannot be applied.
 * `deployment` names them in errors.
 */
export function patchObjects(
  objects: readonly KubeObject[],
  patches: readonly ObjectPatch[],
  deployment: string,
): Patched {
  const missed = patches.filter((patch) => !objects.some((object) => isTarget(object, patch)));
  const patched = objects.map((object) =>
    patches
      .filter((patch) => isTarget(object, patch))
      .reduce((before, patch) => applyTo(before, patch, deployment), object),
  );
  return { objects: patched, missed };
}

function applyTo(object: KubeObject, patch: ObjectPatch, deployment: string): KubeObject {
  const result = patchData(object, patch);
  if ('data' in result) return result.data;
  throw new UserError(
    'DEPLOY_MANIFEST',
    `Deployment ${deployment}: the patch of ${object.kind} ${object.metadata.name} cannot be applied: ${result.mistake}`,
    { hint: 'Correct `op`, `path` or `value` of the patch.' },
  );
}

function isTarget({ apiVersion, kind, metadata }: KubeObject, { target }: ObjectPatch): boolean {
  return (
    metadata.name === target.name &&
    (target.kind === undefined || target.kind === kind) &&
    (target.apiVersion === undefined || target.apiVersion === apiVersion)
  );
}
