export type Builder = 'BuildKit' | 'classic';

export interface BuilderFacts {
  /** What was asked for; the engine's own choice without it. */
  readonly wish: Builder | undefined;
  /** `Builder-Version` in the engine's answer to a ping: `2` where BuildKit is its usual builder. */
  readonly builderVersion: string | undefined;
  /** Network of the build. */
  readonly network: string | undefined;
}

/** Pure: what builds. BuildKit knows no network of the engine but the usual one, that of the host, and none at all. */
export function selectBuilder({ wish, builderVersion, network }: BuilderFacts): Builder {
  if (network !== undefined && !['default', 'host', 'none'].includes(network)) return 'classic';
  return wish ?? (builderVersion === '2' ? 'BuildKit' : 'classic');
}

/** The wish in `DOCKER_BUILDKIT`, which the docker program reads as a Boolean of Go. */
export function builderOf(value: string | undefined): Builder | undefined {
  if (/^(1|t|true)$/i.test(value ?? '')) return 'BuildKit';
  return /^(0|f|false)$/i.test(value ?? '') ? 'classic' : undefined;
}
