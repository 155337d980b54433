import { withDeadline } from '../../core/abort.ts';
import { defer } from '../../core/deferred.ts';
import type { TerminalSize } from '../sandbox/sandbox.ts';

/** The sizes of the client's terminal. One that comes before anybody listens is not lost. */
export interface Sizes {
  readonly receive: (data: Buffer) => void;
  readonly listen: (listener: (size: TerminalSize) => void) => void;
  /** The first size, if the client sends one at once, as it should; a process starts with it. */
  readonly first: () => Promise<TerminalSize>;
}

const firstSizeMs = 100;
const usualSize: TerminalSize = { rows: 24, columns: 80 };

export function createSizes(): Sizes {
  const known = defer<TerminalSize>();
  let last: TerminalSize | undefined;
  let tell = (size: TerminalSize): void => known.resolve(size);
  return {
    receive: (data) => {
      last = readSize(data) ?? last;
      if (last) tell(last);
    },
    listen: (listener) => {
      tell = listener;
      if (last) listener(last);
    },
    first: () => withDeadline(known.promise, firstSizeMs, () => new Error('no size')).catch(() => usualSize),
  };
}

/** Sizes come as JSON objects one after the other, with `Width` and `Height` in any case; the last one counts. */
function readSize(data: Buffer): TerminalSize | undefined {
  const text = data
    .toString('utf8')
    .match(/\{[^{}]*\}/g)
    ?.at(-1);
  const width = /"width"\s*:\s*(\d+)/i.exec(text ?? '')?.[1];
  const height = /"height"\s*:\s*(\d+)/i.exec(text ?? '')?.[1];
  return width && height ? { columns: Number(width), rows: Number(height) } : undefined;
}
