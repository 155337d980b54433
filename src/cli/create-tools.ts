import { homedir } from 'node:os';
import path from 'node:path';
import type { Redactor } from '../core/redact.ts';
import type { KubeClient } from '../kube/client.ts';
import type { TerminalIo } from '../terminal/open-terminal.ts';
import type { Tools } from '../workflows/tools.ts';
import type { GlobalFlags } from './global-options.ts';
import { createPrompt } from './terminal-ui/prompt.ts';
import type { TerminalLog } from './terminal-ui/terminal-log.ts';

export interface World {
  readonly io: TerminalIo;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: TerminalLog;
  readonly redactor: Redactor;
  readonly globals: GlobalFlags;
  readonly canAsk: boolean;
  readonly cwd: string;
}

/** The composition root: the real clients, loaded and contacted only when a command uses them. */
export function createTools({ io, env, log, redactor, globals, canAsk, cwd }: World): Tools {
  const clients = new Map<string, Promise<KubeClient>>();
  return {
    io,
    env,
    log,
    redactor,
    prompt: canAsk ? createPrompt() : undefined,
    dockerConfigFolder: env['DOCKER_CONFIG'] ?? path.join(env['HOME'] ?? homedir(), '.docker'),
    holdOutput: (file) => log.holdOutput(file),
    kube({ context, namespace }) {
      const key = JSON.stringify([context, namespace]);
      const known = clients.get(key);
      if (known) return known;
      const files = globals.kubeconfig ?? env['KUBECONFIG'];
      const inCluster = env['KUBERNETES_SERVICE_HOST'] !== undefined;
      const client = import('../kube/real-client.ts').then(({ createKubeClient }) =>
        createKubeClient({ files, context, namespace, inCluster }),
      );
      clients.set(key, client);
      return client;
    },
    async kubeconfigFiles() {
      const { readKubeconfigFiles } = await import('../kube/kubeconfig-files.ts');
      const files = globals.kubeconfig ?? env['KUBECONFIG'];
      return readKubeconfigFiles({ files, home: env['HOME'] ?? homedir(), cwd });
    },
    async docker() {
      const { createDockerClient } = await import('../docker/dockerode-client.ts');
      return createDockerClient(env['DOCKER_HOST']);
    },
  };
}
