/** Knows how far a log has been read, so that it can be opened again without a gap and without a repeat. */
export interface ResumePoint {
  /** From where the log must be opened again (RFC 3339); `undefined` as long as no line has come. */
  readonly sinceTime: string | undefined;
  /** Remembers a line. `false`: it had come already, before the log was opened again. */
  take(stamp: string): boolean;
  /** The log is opened again: what has come in the last seconds comes once more. */
  reopened(): void;
}

/**
 * Servers open a log at a full second, and lines of stdout and stderr that are printed at the same time may stand in
 * the wrong order by a little. So some seconds are asked for again, and what is known of them is left out.
 */
const againSeconds = 2;

const secondsOf = (stamp: string): number => Number.parseInt(stamp, 10);

export function createResumePoint(): ResumePoint {
  /** The stamps of the lines of the last seconds, in the order in which they came. */
  let recent: string[] = [];
  let newest = '';
  /** What comes once more, with how often. */
  let expected = new Map<string, number>();
  let knownBefore = 0;

  const forgetOld = () => {
    const oldest = secondsOf(newest) - againSeconds;
    recent = recent.filter((stamp) => secondsOf(stamp) >= oldest);
  };
  let pruneAt = 1024;
  return {
    get sinceTime() {
      if (newest === '') return undefined;
      return new Date((secondsOf(newest) - againSeconds) * 1000).toISOString().replace('.000Z', 'Z');
    },
    take(stamp) {
      if (stamp === '') return true;
      if (secondsOf(stamp) < knownBefore) return false;
      const count = expected.get(stamp) ?? 0;
      if (count > 0) {
        expected.set(stamp, count - 1);
        return false;
      }
      recent.push(stamp);
      if (stamp > newest) newest = stamp;
      if (recent.length >= pruneAt) {
        forgetOld();
        pruneAt = recent.length * 2 + 1024;
      }
      return true;
    },
    reopened() {
      if (newest === '') return;
      forgetOld();
      knownBefore = secondsOf(newest) - againSeconds;
      expected = new Map();
      for (const stamp of recent) expected.set(stamp, (expected.get(stamp) ?? 0) + 1);
    },
  };
}
