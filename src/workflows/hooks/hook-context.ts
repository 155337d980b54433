import type { Project } from '../project.ts';

/** Why a hook runs. */
export interface HookContext {
  readonly project: Project;
  /** The event that it runs for, such as `after:deploy:app`. */
  readonly event: string;
  readonly facts: Readonly<Record<string, string>>;
}
