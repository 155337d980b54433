import type { Problem } from './diagnostics.ts';
import type { MappingNode } from './document/node.ts';
import type { Profile } from './profiles/select.ts';
import type { Model } from './schema/v2beta1.ts';
import type { ProjectState } from './state/state.ts';
import type { LoadedConfig } from './types.ts';
import type { Resolver } from './variables/resolver.ts';
import type { Upgraded } from './versions/version.ts';

/** Everything that loading found out, for the commands that show or change the configuration. */
export interface LoadedProject extends LoadedConfig {
  readonly projectName: string;
  /** The newest version's shape, for `devspace print`, `commands` and `dependencies`. */
  readonly model: Model;
  readonly origins: Upgraded<Model>['origins'];
  readonly stages: Stages;
  readonly resolver: Resolver;
  readonly state: ProjectState;
  /** All profiles of the file, and the names of those that were applied, in their order. */
  readonly profiles: readonly Profile[];
  readonly activeProfiles: readonly string[];
  readonly namedConfig?: string;
  readonly namedConfigs: readonly string[];
  /** The warnings with their places. */
  readonly problems: readonly Problem[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's DevSpace folder. */
  readonly userFolder: string;
}

/** The document after each stage; places point at what the user wrote. */
interface Stages {
  /** With its imports. */
  readonly written: MappingNode;
  /** After profiles. */
  readonly profiles: MappingNode;
  /** After variables: what the strict check looked at. */
  readonly variables: MappingNode;
}
