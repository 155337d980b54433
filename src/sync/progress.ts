import type { Log } from '../core/log.ts';

/** Tells what is under way for anything that takes over a second. */
export interface Progress {
  /** A new transfer; the function is called with each path and its bytes. */
  part(verb: string, count: number): (name: string, bytes: number) => void;
  /** Nothing is under way any more. */
  end(): void;
}

const firstAfterMs = 1_000;
const everyMs = 200;

export function createProgress(log: Log): Progress {
  let isShown = false;
  return {
    part(verb, count) {
      const startedAt = performance.now();
      let shownAt = startedAt + firstAfterMs - everyMs;
      let bytes = 0;
      let files = 0;
      let last = '';
      return (name, more) => {
        bytes += more;
        if (name !== last) files += 1;
        last = name;
        const now = performance.now();
        if (now - shownAt < everyMs) return;
        shownAt = now;
        isShown = true;
        const rate = bytes / ((now - startedAt) / 1000);
        log.status(`${verb} ${files} of ${count} paths, ${sizeText(bytes)}, ${sizeText(rate)}/s: ${name}`);
      };
    },
    end() {
      if (isShown) log.status(undefined);
      isShown = false;
    },
  };
}

/** `1.5 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(1)} ${units[unit]}`;
}
