import type { SyncPlan } from './plan.ts';

/** Why a plan is not carried out at once. */
export type Brake =
  | { readonly kind: 'none' }
  /** Never without a person: one side lost everything. */
  | { readonly kind: 'halt'; readonly reason: string }
  /** A person is asked first. */
  | { readonly kind: 'ask'; readonly side: 'local' | 'container'; readonly count: number };

/** From here on deletes are many: so many, and such a share of all that both sides have. */
const [manyDeletes, manyShare] = [25, 0.2];
/** A switch of branches deletes and creates; so many creates for each delete show that it is one. */
const createsPerDelete = 0.2;

/**
 * A side that lost everything at once is a lost volume or a wrong folder far more often than a wish; one that lost much
 * and got nothing for it may be. `agreed` counts the paths that both sides have had (our reference, `reliability.md`
 * section 1).
 */
export function selectBrake(plan: SyncPlan, agreed: number): Brake {
  const sides = [
    { side: 'local', deletes: plan.deleteLocal, creates: plan.download, lost: 'the folder in the container' },
    { side: 'container', deletes: plan.deleteContainer, creates: plan.upload, lost: 'the local folder' },
  ] as const;
  for (const { deletes, creates, lost } of sides) {
    if (agreed >= 2 && deletes.length >= agreed && creates.length === 0) {
      return { kind: 'halt', reason: `${lost} is suddenly empty` };
    }
  }
  for (const { side, deletes, creates } of sides) {
    const count = deletes.length;
    if (count > manyDeletes && count > manyShare * agreed && creates.length < createsPerDelete * count) {
      return { kind: 'ask', side, count };
    }
  }
  return { kind: 'none' };
}
