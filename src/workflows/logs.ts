import type { Writable } from 'node:stream';
import { abortable, abortReason } from '../core/abort.ts';
import { defer } from '../core/deferred.ts';
import { systemErrorCode } from '../core/errors.ts';
import { followLogs } from '../logs/follow-logs.ts';
import { findLogSources, type LogLine, printLogs } from '../logs/print-logs.ts';
import type { ProjectOptions } from './project.ts';
import { type ContainerChoice, findQuery } from './select-container.ts';
import type { Tools } from './tools.ts';

export interface LogsOptions {
  readonly project: ProjectOptions;
  readonly choice: ContainerChoice;
  /** `previous`: of the run before the last restart; it has ended, so there is nothing to follow. */
  readonly wanted: 'current' | 'follow' | 'previous';
  readonly tailLines?: number | undefined;
  readonly sinceSeconds?: number | undefined;
  /** Only lines that fit. */
  readonly grep?: RegExp | undefined;
  /** What to do if there is no pod to follow yet. */
  readonly whenMissing: 'fail' | 'wait';
}

/**
 * Prints on stdout what the containers have printed, of all pods that fit. Following ends with the signal, or with the
 * pod that was named. A reader that has gone, such as `head`, ends it in good order.
 */
export async function logs(options: LogsOptions, tools: Tools): Promise<number> {
  const { wanted, tailLines, sinceSeconds, whenMissing, grep, project } = options;
  const { kube, query } = await findQuery(options, tools);
  const output = openOutput(tools.io.stdout, project.signal);
  const run = { kube, log: tools.log, signal: output.signal };
  const writeLines = (names: LineForm['names']) => lineWriter(output, { paintName: tools.paintName, names, grep });
  const start = { tailLines, sinceSeconds };
  try {
    if (wanted === 'follow') {
      const names = query.podName !== undefined && query.containerName !== undefined ? 'hidden' : 'shown';
      await followLogs(query, { start, whenMissing }, { ...run, write: writeLines(names) });
    } else {
      const sources = await findLogSources(query, wanted, run);
      const names = sources.length === 1 ? 'hidden' : 'shown';
      await printLogs(sources, { ...start, choice: wanted }, { ...run, write: writeLines(names) });
    }
  } catch (error) {
    if (!output.isReaderGone()) throw project.signal.aborted ? abortReason(project.signal) : error;
  } finally {
    output.close();
  }
  return 0;
}

interface LineForm {
  paintName(name: string): string;
  readonly names: 'shown' | 'hidden';
  readonly grep?: RegExp | undefined;
}

const newline = Buffer.from('\n');

/** Writes each line behind the name of its source. */
function lineWriter(output: Pick<Output, 'write'>, { paintName, names, grep }: LineForm) {
  return async ({ source, text }: LogLine): Promise<void> => {
    if (grep && !grep.test(text.toString())) return;
    const head = names === 'hidden' ? [] : [Buffer.from(`${paintName(source.name)} `)];
    await output.write(Buffer.concat([...head, text, newline]));
  };
}

interface Output {
  /** Aborts when the outer signal aborts or when the reader has gone. */
  readonly signal: AbortSignal;
  isReaderGone(): boolean;
  /** Resolves when more may be written. */
  write(data: Buffer): Promise<void>;
  close(): void;
}

function openOutput(stdout: Writable, outer: AbortSignal): Output {
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
      if (stdout.write(data)) return;
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
