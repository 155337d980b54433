import type { Data } from './version.ts';

/**
 * What older versions can say and the newest has no key for. The upgrade steps carry it along under `legacy`, a key that
 * no version lets users write; the engines get it from `resolve`.
 */
export interface Legacy {
  /** `cluster` of the versions up to v1beta2. */
  readonly cluster?: { readonly kubeContext?: string; readonly namespace?: string };
  /** `dev.overrideImages` and, since v1beta3, `dev.interactive.images`. */
  readonly overrideImages?: readonly LegacyOverride[];
  /** `dev.selectors`; exactly one is the default of whatever names none. */
  readonly selectors?: readonly LegacySelector[];
  /** The terminal opens unless disabled, also where no container is named for it (up to v1beta9). */
  readonly terminal?: { readonly disabled: boolean; readonly command?: readonly string[] };
  /** `dev.autoReload`. */
  readonly autoReload?: {
    readonly paths?: readonly string[];
    readonly deployments?: readonly string[];
    readonly images?: readonly string[];
  };
  /** Names under `images` that are never built. */
  readonly disabledImages?: readonly string[];
  /** Names under `pullSecrets` that are left out. */
  readonly disabledPullSecrets?: readonly string[];
  /** Names under `deployments` that are left out. */
  readonly disabledDeployments?: readonly string[];
  /** What charts of deployments could say before v2beta1, by the name of the deployment. */
  readonly helm?: Readonly<Record<string, LegacyHelmKeys>>;
}

export interface LegacyHelmKeys {
  readonly path?: string;
  readonly driver?: string;
  readonly fetchArgs?: readonly string[];
  readonly deleteArgs?: readonly string[];
}

export interface LegacyOverride {
  readonly name: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly dockerfile?: string;
  readonly context?: string;
}

export interface LegacySelector {
  readonly name: string;
  readonly labelSelector?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly containerName?: string;
}

/** The document with more to carry along. */
export function withLegacy(data: Data, more: Legacy): Data {
  return { ...data, legacy: { ...legacyOf(data), ...more } };
}

export const legacyOf = (data: Data): Legacy => (data.legacy as Legacy | undefined) ?? {};
