import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { HookAction, HookContainer } from '../../config/types.ts';
import type { TerminalIo } from '../../core/terminal-io.ts';
import type { KubeClient } from '../../kube/client.ts';
import { findTarget } from '../../kube/find-target.ts';
import type { ContainerRef } from '../../kube/objects.ts';
import { toQuery } from '../targets.ts';
import type { Run } from '../tools.ts';
import type { HookContext } from './hook-context.ts';

/** The container in which a hook acts. */
export interface HookPlace {
  readonly kube: KubeClient;
  readonly ref: ContainerRef;
}

/** Waits for the container of a hook as long as the hook wants it. Rejects with `TARGET_NOT_FOUND`. */
export async function findHookContainer(
  container: HookContainer,
  { project }: HookContext,
  run: Run,
): Promise<HookPlace> {
  const kube = await run.kube(project.kubeChoice);
  const query = { ...toQuery(container.target, { config: project.config, kube }), podName: container.pod };
  const ref = await findTarget(query, { ...run, kube, timeoutMs: container.timeoutSeconds * 1000 });
  return { kube, ref };
}

interface CommandPlace extends HookPlace {
  /** What tells this hook from others, if it shall run only once in each container. */
  readonly once: string | undefined;
  readonly io: TerminalIo;
}

type Command = Extract<HookAction, { kind: 'command' }>;

/** Runs a command in the container without input and returns its exit code. */
export async function runInContainer(action: Command, place: CommandPlace, run: Run): Promise<number> {
  const words = action.args === undefined ? ['sh', '-c', action.command] : [action.command, ...action.args];
  const command = place.once === undefined ? words : onceIn(words, place.once);
  const session = await place.kube.exec(place.ref, { command, terminal: 'none', stdin: 'none', signal: run.signal });
  session.stdout.pipe(place.io.stdout, { end: false });
  session.stderr?.pipe(place.io.stderr, { end: false });
  try {
    const code = await session.exit;
    await finished(session.stdout, { writable: false });
    return code;
  } finally {
    session.close();
  }
}

/** Leaves a mark in the container when the command succeeded, and does nothing where the mark is. */
function onceIn(words: readonly string[], identity: string): string[] {
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const mark = `"\${TMPDIR:-/tmp}/.devspace-hook-${hash}"`;
  return ['sh', '-c', `[ -e ${mark} ] && exit 0; "$@" && : >${mark}`, 'sh', ...words];
}

/** Prints what the container has said so far. */
export async function showLogs(
  action: Extract<HookAction, { kind: 'logs' }>,
  { kube, ref }: HookPlace,
  run: Run,
): Promise<void> {
  const tailLines = action.tailLines ?? 50;
  run.io.stderr.write(await kube.readLog(ref, { tailLines, run: 'current', signal: run.signal }));
}
