import { homedir } from 'node:os';
import path from 'node:path';
import { cacheFolderOf } from '../core/cache-file.ts';
import type { Redactor } from '../core/redact.ts';
import type { TerminalIo } from '../core/terminal-io.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Tools } from '../workflows/tools.ts';
import type { GlobalFlags } from './global-options.ts';
import { createPrompt } from './terminal-ui/prompt.ts';
import type { TerminalLog } from './terminal-ui/terminal-log.ts';
import { createTheme } from './terminal-ui/theme.ts';

export interface World {
  readonly io: TerminalIo;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: TerminalLog;
  readonly redactor: Redactor;
  readonly globals: GlobalFlags;
  readonly canAsk: boolean;
  /** Whether stdout shows colours. */
  readonly stdoutColors: 'on' | 'off';
  readonly program: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** The composition root: the real clients, loaded and contacted only when a command uses them. */
export function createTools(world: World): Tools {
  const { io, env, log, redactor, globals, canAsk, stdoutColors, program, cwd, signal } = world;
  const home = env['HOME'] ?? homedir();
  const embedded = once(async () => {
    log.status('Starting the embedded cluster');
    const [{ ensureEmbedded }, { embeddedFolder }] = await Promise.all([
      import('./embedded/process.ts'),
      import('./embedded/server-record.ts'),
    ]);
    const { record } = await ensureEmbedded({ folder: embeddedFolder(home), program, signal });
    log.status(undefined);
    return record;
  });
  const clients = new Map<string, Promise<KubeClient>>();
  return {
    io,
    program,
    env,
    log,
    redactor,
    prompt: canAsk ? createPrompt() : undefined,
    dockerConfigFolder: env['DOCKER_CONFIG'] ?? path.join(home, '.docker'),
    paintName: createTheme(stdoutColors).name,
    aside: (write) => log.aside(write),
    holdOutput: (file) => log.holdOutput(file),
    kube({ context, namespace }) {
      const key = JSON.stringify([context, namespace]);
      const known = clients.get(key);
      if (known) return known;
      const client = (async () => {
        const { createKubeClient } = await import('../kube/real-client.ts');
        const files = globals.embedded ? (await embedded()).kubeconfig : (globals.kubeconfig ?? env['KUBECONFIG']);
        const inCluster = env['KUBERNETES_SERVICE_HOST'] !== undefined;
        return createKubeClient({ files, context, namespace, inCluster, cacheFolder: cacheFolderOf(env) });
      })();
      clients.set(key, client);
      return client;
    },
    async kubeconfigFiles() {
      const { readKubeconfigFiles } = await import('../kube/kubeconfig-files.ts');
      const files = globals.kubeconfig ?? env['KUBECONFIG'];
      return readKubeconfigFiles({ files, home, cwd });
    },
    async docker(engine) {
      const [{ createDockerClient }, { builderOf }] = await Promise.all([
        import('../docker/dockerode-client.ts'),
        import('../docker/select-builder.ts'),
      ]);
      const host = globals.embedded ? (await embedded()).dockerHost : env['DOCKER_HOST'];
      const builder = builderOf(env['DOCKER_BUILDKIT']);
      return createDockerClient(engine ?? (host === undefined ? undefined : { host }), builder);
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
