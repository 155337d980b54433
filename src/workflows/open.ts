import { connect } from 'node:net';
import type { DevConfig, PortMapping, PortsConfig } from '../config/types.ts';
import { abortable } from '../core/abort.ts';
import { UserError } from '../core/errors.ts';
import { openLifetime } from '../core/lifetime.ts';
import { startForwarding } from '../forward/forward-ports.ts';
import { openBrowser, waitForPage } from './open-page.ts';
import { loadProject, type ProjectOptions } from './project.ts';
import { createTargets } from './targets.ts';
import type { Run, Tools } from './tools.ts';

export interface OpenOptions {
  readonly project: ProjectOptions;
  /** Absent: the pages of the configuration, else its first forwarded port. */
  readonly url?: string | undefined;
  readonly timeoutMs: number;
  /** `print`: only say where the page is. */
  readonly browser: 'open' | 'print';
}

/**
 * Waits until the pages answer, prints where they are on stdout, and opens them in the browser. A port of the
 * configuration that nobody forwards is forwarded meanwhile, and then until the signal aborts.
 */
export async function open(options: OpenOptions, tools: Tools): Promise<number> {
  const { signal } = options.project;
  const project = await loadProject(options.project, tools);
  const { config } = project;
  const urls = options.url === undefined ? planPages(config.dev) : [checkedUrl(options.url)];
  await using life = openLifetime(signal);
  const run = { ...tools, signal: life.signal };
  const missing = await missingForwards(urls, config.dev.ports);
  if (missing.length > 0) {
    const kube = await run.kube(project.kubeChoice);
    const targetOf = createTargets({ config, kube, timeoutMs: options.timeoutMs }, run);
    const tasks = missing.map(({ target, forward }) => ({ target: targetOf(target), mappings: forward }));
    await life.keep(startForwarding(tasks, { ...run, kube }));
  }
  await life.race(Promise.all(urls.map((url) => openPage(url, options, run))));
  if (missing.length === 0) return 0;
  run.log.info('The port is forwarded until you press Ctrl-C.');
  return await life.race(abortable(new Promise<never>(() => {}), signal));
}

async function openPage(url: string, { timeoutMs, browser }: Pick<OpenOptions, 'timeoutMs' | 'browser'>, run: Run) {
  await waitForPage(url, timeoutMs, run);
  run.aside(() => run.io.stdout.write(`${url}\n`));
  if (browser === 'open' && !(await openBrowser(url, run)))
    run.log.info('There is no browser here that could be opened.');
}

function checkedUrl(url: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new UserError('USAGE', `${url} is no address of a page.`, { hint: 'It begins with http:// or https://.' });
}

/** Pure: the pages that the configuration names. */
export function planPages({ open: pages, ports }: DevConfig): readonly string[] {
  if (pages.length > 0) return pages;
  const first = ports[0]?.forward[0];
  if (first) return [`http://localhost:${first.port}`];
  throw new UserError('USAGE', 'The configuration names neither a page in `open` nor a port that is forwarded.', {
    hint: 'Say which page: `devspace open http://localhost:8080`.',
  });
}

/** The entries for pages of this machine on whose port nothing listens. */
async function missingForwards(urls: readonly string[], ports: readonly PortsConfig[]): Promise<PortsConfig[]> {
  const local = urls
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url))
    .filter(({ hostname }) => ['localhost', '127.0.0.1'].includes(hostname));
  const wanted = new Set(local.map(({ port, protocol }) => Number(port || (protocol === 'https:' ? 443 : 80))));
  const isMissing = async ({ port }: PortMapping) => wanted.has(port) && !(await isListening(port));
  const entries = await Promise.all(
    ports.map(async (entry) => {
      const checked = await Promise.all(
        entry.forward.map(async (mapping) => ((await isMissing(mapping)) ? [mapping] : [])),
      );
      return { ...entry, forward: checked.flat() };
    }),
  );
  return entries.filter(({ forward }) => forward.length > 0);
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
