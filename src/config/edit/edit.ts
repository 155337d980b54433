import type { KeyPath } from '../finding.ts';

/** One change of a YAML text. Missing parents are made; parents that a removal leaves empty go with it. */
export type Edit =
  | { readonly kind: 'set'; readonly path: KeyPath; readonly value: unknown }
  | { readonly kind: 'append'; readonly path: KeyPath; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: KeyPath };
