import { defineCommand } from '../define-command.ts';
import {
  type BuildFlags,
  deployments,
  forceBuild,
  forceConflicts,
  forceDeploy,
  parallelBuilds,
  skipDependency,
  skipPush,
  switchOption,
  timeout,
  toBuildChoice,
  toDeployChoice,
} from '../shared-options.ts';

interface Flags extends BuildFlags {
  readonly sync: boolean;
  readonly portforwarding: boolean;
  readonly terminal: boolean;
  readonly exitAfterDeploy?: boolean;
  readonly deployments?: string[];
  readonly forceConflicts?: boolean;
  readonly forceDeploy?: boolean;
  readonly skipDependency?: string[];
  readonly timeout: number;
}

export const devCommand = defineCommand<Flags>({
  name: 'dev',
  summary: 'Develop in the cluster: build, deploy, forward ports, synchronise files, open a terminal',
  examples: ['devspace dev', 'devspace dev --terminal=false', 'devspace dev -- npm test'],
  args: '[command...]',
  options: [
    switchOption('--sync', 'Synchronise files'),
    switchOption('--portforwarding', 'Forward ports'),
    switchOption('--terminal', 'Open a terminal in the container'),
    { flags: '--exit-after-deploy', description: 'Stop before the services start' },
    ...skipPush,
    forceBuild,
    ...parallelBuilds,
    deployments,
    skipDependency,
    forceConflicts,
    forceDeploy,
    timeout,
  ],
  async run({ flags, args, project: projectOptions, tools, signal }) {
    const [{ loadProject }, { dev }] = await Promise.all([
      import('../../workflows/project.ts'),
      import('../../workflows/dev.ts'),
    ]);
    const project = await loadProject(projectOptions, tools);
    const services = {
      sync: flags.sync,
      portForwarding: flags.portforwarding,
      terminal: flags.terminal,
      command: args.length > 0 ? args : undefined,
      timeoutMs: flags.timeout * 1000,
    };
    return dev(
      project,
      {
        build: toBuildChoice(flags),
        deploy: toDeployChoice(flags),
        dependencies: { skip: flags.skipDependency },
        services,
        until: flags.exitAfterDeploy ? 'deploy' : 'the end',
        signal,
      },
      tools,
    );
  },
});
