import { abortable } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { LogLine } from '../logs/print-logs.ts';
import type { Tools } from './tools.ts';

export interface LineForm {
  paintName(name: string): string;
  readonly names: 'shown' | 'hidden';
  readonly grep?: RegExp | undefined;
}

const newline = Buffer.from('\n');

/** Writes each line behind the name of its source. */
export function lineWriter(output: Pick<Output, 'write'>, { paintName, names, grep }: LineForm) {
  return async ({ source, text }: LogLine): Promise<void> => {
    if (grep && !grep.test(text.toString())) return;
    const head = names === 'hidden' ? [] : [Buffer.from(`${paintName(source.name)} `)];
    await output.write(Buffer.concat([...head, text, newline]));
  };
}

export interface Output {
  /** Aborts when the outer signal aborts or when the reader has gone. */
  readonly signal: AbortSignal;
  isReaderGone(): boolean;
  /** Resolves when more may be written. */
  write(data: Buffer): Promise<void>;
  close(): void;
}

/** Data for stdout, with a reader that may be slow or go. `aside` keeps the status line below it. */
export function openOutput({ io: { stdout }, aside }: Pick<Tools, 'io' | 'aside'>, outer: AbortSignal): Output {
  const gone = new AbortController();
  const signal = AbortSignal.any([outer, gone.signal]);
  let room = defer<void>();
  let isFull = false;
  let isReaderGone = false;
  const onDrain = () => {
    isFull = false;
    room.resolve();
  };
  const onError = (error: unknown) => {
    isReaderGone ||= systemErrorCode(error) === 'EPIPE';
    gone.abort(error);
    room.reject(error);
  };
  stdout.on('drain', onDrain);
  stdout.on('error', onError);
  return {
    signal,
    isReaderGone: () => isReaderGone,
    async write(data) {
      if (aside(() => stdout.write(data))) return;
      if (!isFull) {
        isFull = true;
        room = defer();
        room.promise.catch(() => {});
      }
      await abortable(room.promise, signal);
    },
    close() {
      stdout.off('drain', onDrain);
      // the error of a last write comes after the end
      setImmediate(() => stdout.off('error', onError));
    },
  };
}
