/** How variables behave in a file of a certain version. The versions of one major CLI version share one era. */
export interface Era {
  /** Names may hold any character but `}`. */
  readonly hasWideNames: boolean;
  /** `$!{NAME}` is known. */
  readonly hasTextMark: boolean;
  /** `$(command)` is known. */
  readonly hasExpressions: boolean;
  /** The complete text, not only a lone reference, becomes a number or a Boolean. */
  readonly typesWholeText: boolean;
  /** A variable that nothing defines is asked for. Later it stays as it stands. */
  readonly asksForUndefined: boolean;
  /** Predefined names count in any case. */
  readonly ignoresCaseOfPredefined: boolean;
}

/** `spec-config.md` 3, 7 and 10 of the reference. An unknown version counts as the newest. */
export function eraOf(version: string): Era {
  if (/^v1alpha|^v1beta[12]$/.test(version)) return oldest;
  if (/^v1beta[3-8]$/.test(version)) return { ...oldest, hasTextMark: true };
  if (/^v1beta(9|1\d)$/.test(version)) return { ...newest, asksForUndefined: true };
  return newest;
}

const oldest: Era = {
  hasWideNames: true,
  hasTextMark: false,
  hasExpressions: false,
  typesWholeText: true,
  asksForUndefined: true,
  ignoresCaseOfPredefined: true,
};

const newest: Era = {
  hasWideNames: false,
  hasTextMark: true,
  hasExpressions: true,
  typesWholeText: false,
  asksForUndefined: false,
  ignoresCaseOfPredefined: false,
};
