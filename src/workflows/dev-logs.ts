import type { DevConfig, LogsConfig } from '../config/types.ts';
import { errorText } from '../core/errors.ts';
import type { KubeClient } from '../kube/client.ts';
import { followLogs } from '../logs/follow-logs.ts';
import { lineWriter, openOutput } from './log-output.ts';
import type { Project } from './project.ts';
import { toQuery } from './targets.ts';
import type { Run } from './tools.ts';

/** So many older lines are shown of a container that no entry names. */
const usualLastLines = 50;

/**
 * Shows the logs that the configuration names, else those of the container for the terminal, until the signal aborts.
 * What is wrong with one of them is told and ends neither the others nor the run.
 */
export async function showDevLogs({ config }: Project, kube: KubeClient, run: Run): Promise<void> {
  const entries = planDevLogs(config.dev);
  if (entries.length === 0) return;
  const output = openOutput(run, run.signal);
  const write = lineWriter(output, { paintName: run.paintName, names: 'shown' });
  const logRun = { kube, log: run.log.child('logs'), signal: output.signal, write };
  await Promise.all(
    entries.map(async ({ target, lastLines }) => {
      const options = { start: { tailLines: lastLines }, whenMissing: 'wait' } as const;
      try {
        await followLogs(toQuery(target, { config, kube }), options, logRun);
      } catch (error) {
        if (!output.signal.aborted) logRun.log.warn(errorText(error));
      }
    }),
  );
  output.close();
}

/** Pure: whose logs are shown when no terminal is opened. */
export function planDevLogs({ logs, terminal, sync, ports }: DevConfig): readonly LogsConfig[] {
  if (logs.length > 0) return logs.filter(({ disabled }) => !disabled);
  const target = terminal.target ?? sync[0]?.target ?? ports[0]?.target;
  return target === undefined ? [] : [{ target, disabled: false, lastLines: usualLastLines }];
}
