import { defineCommand } from '../define-command.ts';
import { outputJson, timeout } from '../shared-options.ts';

interface Flags {
  readonly wait: boolean;
  readonly patient?: boolean;
  readonly timeout: number;
  readonly ignorePodRestarts?: boolean;
  readonly output?: 'json';
}

export const analyzeCommand = defineCommand<Flags>({
  name: 'analyze',
  summary: 'Say what does not work in the namespace, and why',
  examples: ['devspace analyze', 'devspace analyze -n shop --no-wait', 'devspace analyze --patient --timeout 300'],
  options: [
    { flags: '--wait', description: 'Wait until every pod has come up or failed', default: true },
    { flags: '--no-wait', description: 'Say what is known now' },
    { flags: '--patient', description: 'Wait until nothing is wrong any more, up to the time-out' },
    { ...timeout, description: 'How long to wait' },
    { flags: '--ignore-pod-restarts', description: 'A container that started anew and runs now is no problem' },
    outputJson,
  ],
  async run({ flags, project, tools }) {
    const [{ analyze }, { writeReport }, { renderProblems }] = await Promise.all([
      import('../../workflows/analyze.ts'),
      import('../render/report.ts'),
      import('../render/problems.ts'),
    ]);
    const report = await analyze(
      {
        project,
        wait: flags.patient ? 'healthy' : flags.wait ? 'settled' : 'no',
        timeoutMs: flags.timeout * 1000,
        restarts: flags.ignorePodRestarts ? 'ignore' : 'count',
      },
      tools,
    );
    const { stdout } = tools.io;
    if (flags.output === 'json') await writeReport(report, stdout);
    else await renderProblems(report, stdout);
    return report.problems.length > 0 ? 1 : 0;
  },
});
