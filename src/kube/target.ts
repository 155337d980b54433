import { type FindOptions, findTarget, type TargetQuery } from './find-target.ts';
import type { ContainerRef } from './objects.ts';

/** The container that a dev service works with; found again when its pod was replaced. */
export interface Target {
  /** The container of now; looks for one if none is known. */
  current(signal: AbortSignal): Promise<ContainerRef>;
  /** Says that the container did not answer: the next `current` looks again. */
  lost(container: ContainerRef): void;
  /**
   * Tells each change of the container from then on, at once and without being asked; returns what ends that. Absent:
   * the target notices a loss only by `lost`.
   */
  subscribe?(listener: (state: TargetState) => void): () => void;
  /**
   * Tells the other running containers that fit, one of each pod, at once and whenever they may have changed; returns
   * what ends that. Absent: the target knows its own only.
   */
  others?(listener: (containers: readonly ContainerRef[]) => void): () => void;
}

export type TargetState =
  | { readonly kind: 'linked'; readonly container: ContainerRef }
  /** No container fits, for this reason. */
  | { readonly kind: 'searching'; readonly why: string }
  /** The cluster does not answer, so nobody knows. */
  | { readonly kind: 'unreachable'; readonly why: string };

/** Many services may share a target; they look for it together, once. */
export function createTarget(query: TargetQuery, options: Omit<FindOptions, 'signal'>): Target {
  let known: Promise<ContainerRef> | undefined;
  return {
    current(signal) {
      known ??= findTarget(query, { ...options, signal }).catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
    lost(container) {
      known?.then(
        (ref) => {
          if (ref.pod === container.pod) known = undefined;
        },
        () => {},
      );
    },
  };
}
