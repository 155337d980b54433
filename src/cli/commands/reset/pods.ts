import { defineCommand } from '../../define-command.ts';

export const resetPodsCommand = defineCommand({
  name: 'reset pods',
  summary: 'Give workloads their own pods back, which `devspace dev` has replaced',
  examples: ['devspace reset pods'],
  options: [],
  async run({ project: projectOptions, tools, signal }) {
    const [{ loadProject }, { resetDevPods }] = await Promise.all([
      import('../../../workflows/project.ts'),
      import('../../../workflows/replace-pods.ts'),
    ]);
    const names = await resetDevPods(await loadProject(projectOptions, tools), tools, signal);
    tools.log.done(names.length === 0 ? 'No pods are replaced' : `Deleted ${names.join(', ')}`);
    return 0;
  },
});
