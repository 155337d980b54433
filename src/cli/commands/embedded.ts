import { homedir } from 'node:os';
import { type CommandContext, defineCommand } from '../define-command.ts';

async function folderOf({ tools }: CommandContext<unknown>): Promise<string> {
  const { embeddedFolder } = await import('../embedded/server-record.ts');
  return embeddedFolder(tools.env['HOME'] ?? homedir());
}

export const embeddedStartCommand = defineCommand({
  name: 'embedded start',
  summary: 'Start the embedded cluster, a small Kubernetes for trying and testing on this machine',
  examples: ['devspace embedded start', 'export KUBECONFIG=$(devspace embedded kubeconfig)'],
  options: [],
  async run(context) {
    const { ensureEmbedded } = await import('../embedded/process.ts');
    const { log, program } = context.tools;
    log.status('Starting the embedded cluster');
    const home = { folder: await folderOf(context), program, signal: context.signal };
    const { record, started } = await ensureEmbedded(home);
    log.done(`The embedded cluster ${started ? 'has started' : 'already runs'} (pid ${record.pid}, ${record.server})`);
    log.info('Use it with `--embedded`, or set KUBECONFIG and DOCKER_HOST:');
    log.info(`export KUBECONFIG=${record.kubeconfig} DOCKER_HOST=${record.dockerHost}`);
    return 0;
  },
});

export const embeddedStopCommand = defineCommand({
  name: 'embedded stop',
  summary: 'Stop the embedded cluster; what was deployed is there again after the next start',
  examples: ['devspace embedded stop'],
  options: [],
  async run(context) {
    const { stopEmbedded } = await import('../embedded/process.ts');
    context.tools.log.status('Stopping the embedded cluster');
    const stopped = await stopEmbedded({ folder: await folderOf(context), signal: context.signal });
    context.tools.log.done(stopped ? 'The embedded cluster has stopped' : 'The embedded cluster does not run');
    return 0;
  },
});

export const embeddedStatusCommand = defineCommand({
  name: 'embedded status',
  summary: 'Say whether the embedded cluster runs; the exit code is 1 if it does not',
  examples: ['devspace embedded status'],
  options: [],
  async run(context) {
    const { readRecord } = await import('../embedded/server-record.ts');
    const record = readRecord(await folderOf(context));
    const text = record
      ? `running (pid ${record.pid}, since ${new Date(record.since).toLocaleString('sv')})\nserver ${record.server}\nkubeconfig ${record.kubeconfig}\ndocker ${record.dockerHost}`
      : 'stopped';
    context.tools.io.stdout.write(`${text}\n`);
    return record ? 0 : 1;
  },
});

export const embeddedKubeconfigCommand = defineCommand({
  name: 'embedded kubeconfig',
  summary: 'Print the path of the kubeconfig of the embedded cluster',
  examples: ['export KUBECONFIG=$(devspace embedded kubeconfig)'],
  options: [],
  async run(context) {
    const { ensureEmbedded } = await import('../embedded/process.ts');
    const home = { folder: await folderOf(context), program: context.tools.program, signal: context.signal };
    const { record } = await ensureEmbedded(home);
    context.tools.io.stdout.write(`${record.kubeconfig}\n`);
    return 0;
  },
});

/** The process that `embedded start` starts. It runs until a signal. */
export const embeddedServeCommand = defineCommand({
  name: 'embedded serve',
  summary: 'Run the embedded cluster in this process',
  hidden: true,
  examples: ['devspace embedded serve'],
  options: [],
  async run(context) {
    const { serveEmbedded } = await import('../embedded/serve.ts');
    await serveEmbedded(await folderOf(context), context.tools.log, context.signal);
    return 0;
  },
});
