import { fromData, toData } from './document/node.ts';
import { applyPatch } from './profiles/patch.ts';

export interface DataPatch {
  readonly op: string;
  /** In any form that patches of profiles know: `/spec/replicas`, `spec.template.spec.containers[0].image` … */
  readonly path: string;
  /** Absent for `remove`. */
  readonly value?: unknown;
}

/** A patch as the file has it. */
export const toDataPatch = ({
  op = '',
  path = '',
  value,
}: {
  readonly op?: string;
  readonly path?: string;
  readonly value?: unknown;
}): DataPatch => ({ op, path, ...(value === undefined || op === 'remove' ? {} : { value }) });

/** Plain data with a patch applied, by the rules of patches in profiles; or why that cannot be done. */
export function patchData<T>(
  data: T,
  { op, path, value }: DataPatch,
): { readonly data: T } | { readonly mistake: string } {
  const span = { source: { path: '', text: '' }, start: 0, end: 0 };
  const node = value === undefined ? {} : { value: fromData(value, span) };
  const patched = applyPatch(fromData(data, span), { op, path, ...node });
  return 'mistake' in patched ? patched : { data: toData(patched.root) as T };
}
