import { sleep } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import { analyzeNamespace, type Findings } from '../deploy/analyze-namespace.ts';
import type { ProjectOptions } from './project.ts';
import type { KubeChoice, Tools } from './tools.ts';

export interface AnalyzeChoice {
  readonly project: ProjectOptions;
  /** `settled`: until nothing is about to come up or to go; `healthy`: until nothing is wrong; both up to the time-out. */
  readonly wait: 'no' | 'settled' | 'healthy';
  readonly timeoutMs: number;
  readonly restarts: 'count' | 'ignore';
}

export interface AnalyzeReport extends Findings {
  readonly namespace: string;
}

const pollMs = 1_000;

/** Says what does not work in the namespace of the project, or in the one that the flags name, and why. */
export async function analyze(choice: AnalyzeChoice, tools: Tools): Promise<AnalyzeReport> {
  const { signal } = choice.project;
  const kube = await tools.kube(await findPlace(choice.project, tools));
  const { namespace } = kube;
  const deadline = Date.now() + choice.timeoutMs;
  for (;;) {
    const findings = await analyzeNamespace({ kube, namespace, restarts: choice.restarts, signal });
    const { problems, unsettled } = findings;
    const isDone =
      choice.wait === 'no' || (unsettled.length === 0 && (choice.wait === 'settled' || problems.length === 0));
    if (isDone || Date.now() >= deadline) {
      tools.log.status(undefined);
      return { namespace, ...findings };
    }
    const names = unsettled.length > 0 ? unsettled : problems.map(({ name }) => name);
    tools.log.status(`Waiting for ${[...new Set(names)].join(', ')}`);
    await sleep(pollMs, signal);
  }
}

/** A folder without a configuration is no hindrance: the flags, or the kubeconfig, say where. */
async function findPlace(project: ProjectOptions, tools: Tools): Promise<KubeChoice> {
  const { loadProject } = await import('./project.ts');
  try {
    return (await loadProject(project, tools)).kubeChoice;
  } catch (error) {
    if (error instanceof UserError && error.code === 'CONFIG_NOT_FOUND') return project.kube;
    throw error;
  }
}
