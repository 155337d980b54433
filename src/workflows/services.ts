import path from 'node:path';
import type { PortsConfig, TerminalConfig } from '../config/types.ts';
import { abortable } from '../core/abort.ts';
import { errorText } from '../core/errors.ts';
import type { Handle } from '../core/lifetime.ts';
import { nullLog } from '../core/log.ts';
import { startForwarding } from '../forward/forward-ports.ts';
import { startReverseForwarding } from '../forward/reverse-ports.ts';
import type { KubeClient } from '../kube/client.ts';
import { type LinkUse, showReconnecting } from '../link/show-reconnecting.ts';
import type { ConfirmDeletes } from '../sync/release-plan.ts';
import { startSync } from '../sync/start-sync.ts';
import { keepTerminal } from '../terminal/keep-terminal.ts';
import { openTerminal } from '../terminal/open-terminal.ts';
import { ttyOf } from '../terminal/run-session.ts';
import { askConsent } from './ask-consent.ts';
import { showDevLogs } from './dev-logs.ts';
import { openBrowser, waitForPage } from './open-page.ts';
import type { Project } from './project.ts';
import { syncFiles } from './sync-state.ts';
import { createTargets } from './targets.ts';
import { type Run, toNotice } from './tools.ts';

/** As long as the original waits for a page. */
const pageWithinMs = 240_000;

export interface ServiceChoice {
  readonly sync: boolean;
  readonly portForwarding: boolean;
  readonly terminal: boolean;
  /** Replaces the configured command of the terminal. */
  readonly command?: readonly string[] | undefined;
  /** How long to wait for the pods. */
  readonly timeoutMs: number;
}

/** The development services of a project. One that is switched off starts and does nothing. */
export interface Services {
  forward(): Handle;
  /** Ports of this machine, in the containers; nothing waits for them. */
  reverse(): Handle;
  sync(): Handle;
  /** Ends with the exit code of the remote command; without a terminal here it stays until the signal aborts. */
  terminal(): Promise<number>;
}

export function createServices(project: Project, kube: KubeClient, choice: ServiceChoice, run: Run): Services {
  const { dev } = project.config;
  const targetOf = createTargets({ config: project.config, kube, timeoutMs: choice.timeoutMs }, run);
  const uses: LinkUse[] = [];
  let isTerminalOpen = false;
  const confirm: ConfirmDeletes = async (text) =>
    isTerminalOpen ? 'later' : askConsent({ name: 'delete', text }, run);
  const portTasks = (entries: readonly PortsConfig[], part: 'ports' | 'reverse') => {
    const wanted = choice.portForwarding ? entries : [];
    const tasks = wanted.map(({ target, forward }) => ({ target: targetOf(target), mappings: forward }));
    for (const { target, mappings } of tasks) uses.push({ link: target, parts: { [part]: mappings.length } });
    return tasks;
  };
  return {
    forward: () => startForwarding(portTasks(dev.ports, 'ports'), { ...run, kube }),
    reverse: () => startReverseForwarding(portTasks(dev.reversePorts, 'reverse'), { ...run, kube }),
    sync() {
      const entries = choice.sync ? dev.sync : [];
      const tasks = entries.map((config) => ({ config, target: targetOf(config.target) }));
      for (const { target } of tasks) uses.push({ link: target, parts: { sync: 1 } });
      return startSync(tasks, { ...run, kube, ...syncFiles(project.root), detail: 'short', confirm });
    },
    async terminal() {
      const stop = showReconnecting(uses, run.log);
      run.signal.addEventListener('abort', stop, { once: true });
      const { target: selector } = dev.terminal;
      openPages(dev.open, run);
      if (!selector || !opensTerminal(dev.terminal, choice, run)) {
        const ended = untilAborted(run);
        showDevLogs(project, kube, run).catch((error: unknown) => run.log.warn(errorText(error)));
        return ended;
      }
      const target = targetOf(selector);
      const container = await target.current(run.signal);
      run.log.info(`Opening a terminal in container ${container.container} of pod ${container.pod}`);
      const release = run.holdOutput(path.join(project.root, '.devspace', 'logs', 'dev.log'));
      isTerminalOpen = true;
      try {
        const { io, signal } = run;
        // a command of the command line may have done half of its work: it is not for us to start it again
        if (choice.command) return (await openTerminal({ kube, container, command: choice.command, io, signal })).code;
        return await keepTerminal({ kube, target, command: dev.terminal.command, io, signal, notice: toNotice(io) });
      } finally {
        release();
        isTerminalOpen = false;
      }
    },
  };
}

/** Nobody waits for them, and a page that never answers is no failure of the run. */
function openPages(urls: readonly string[], run: Run): void {
  for (const url of urls) {
    waitForPage(url, pageWithinMs, { ...run, log: nullLog })
      .then(async () => {
        if (run.prompt && (await openBrowser(url, run))) run.log.info(`Opened ${url}`);
        else run.log.info(`${url} answers`);
      })
      .catch((error: unknown) => {
        if (!run.signal.aborted) run.log.warn(errorText(error));
      });
  }
}

function opensTerminal(config: TerminalConfig, choice: ServiceChoice, run: Run): boolean {
  if (config.disabled || !choice.terminal) return false;
  if (ttyOf(run.io) || choice.command) return true;
  run.log.info('No terminal is attached, so none is opened in the container.');
  return false;
}

async function untilAborted({ log, signal }: Run): Promise<never> {
  log.done('The development services run. Stop them with Ctrl-C.');
  // without any service nothing else keeps the process, which would end as if all were done
  const alive = setInterval(() => {}, 60_000);
  try {
    return await abortable(new Promise<never>(() => {}), signal);
  } finally {
    clearInterval(alive);
  }
}
