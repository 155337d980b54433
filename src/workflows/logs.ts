import { abortReason } from '../core/abort.ts';
import { followLogs } from '../logs/follow-logs.ts';
import { findLogSources, printLogs } from '../logs/print-logs.ts';
import { type LineForm, lineWriter, openOutput } from './log-output.ts';
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
  const output = openOutput(tools, project.signal);
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
