import type { Values } from './values.ts';

/** A component on its way to objects. */
export interface Component {
  /** The deployment's name. */
  readonly name: string;
  readonly values: Values;
  /** By which its pods are found. */
  readonly labels: Readonly<Record<string, string>>;
}
