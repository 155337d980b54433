import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { abortReason } from '../../core/abort.ts';
import { errorText, UserError } from '../../core/errors.ts';
import { captureCommand } from '../../kube/captured-command.ts';
import type { ContainerRef } from '../../kube/objects.ts';
import { type BuildContext, packContext } from '../context.ts';
import { contextFolder, contextMark } from './plan-pod.ts';
import { type ClusterBuildRun, isBrokenStream } from './watch-build.ts';

const tries = 3;

/**
 * Sends the context to the container that waits for it, and tells it when all of it is there: half a context never
 * becomes an image. A connection that breaks is tried again. Rejects with `BUILD_FAILED` and the words of the container.
 */
export async function sendContext(context: BuildContext, ref: ContainerRef, run: ClusterBuildRun): Promise<void> {
  for (let left = tries - 1; ; left--) {
    try {
      await unpack(context, ref, run);
      break;
    } catch (error) {
      if (run.signal.aborted) throw abortReason(run.signal);
      if (!isBrokenStream(error) || left === 0) throw error;
      run.log.warn(`${errorText(error)}. The context is sent again.`);
    }
  }
  const { kube, signal } = run;
  const { code, output } = await captureCommand(kube, ref, { command: ['touch', contextMark], signal });
  if (code !== 0) throw contextError(output, code);
}

async function unpack(context: BuildContext, ref: ContainerRef, { kube, log, signal }: ClusterBuildRun): Promise<void> {
  log.status('Sending the context');
  const command = ['tar', '-x', '-f', '-', '-C', contextFolder];
  const session = await kube.exec(ref, { command, terminal: 'none', stdin: 'open', signal });
  session.stdout.resume();
  const said = session.stderr ? text(session.stderr).catch(() => '') : Promise.resolve('');
  try {
    let broken: unknown;
    const archive = packContext(context);
    const sent = session.stdin
      ? pipeline(archive, session.stdin).catch((error: unknown) => {
          broken = archive.errored ?? undefined;
          // without its end the container would wait for the rest for ever
          if (broken !== undefined) session.close();
          return error;
        })
      : Promise.resolve();
    const code = await session.exit.catch((error: unknown) => {
      if (broken === undefined) throw error;
      return undefined;
    });
    await sent;
    if (broken !== undefined) {
      throw new UserError('BUILD_FILE', `The context cannot be read: ${errorText(broken)}`, { cause: broken });
    }
    if (code !== 0) throw contextError(await said, code ?? 1);
  } finally {
    session.close();
  }
}

function contextError(said: string, code: number): UserError {
  const words = said.trim() || `exit code ${code}`;
  return new UserError('BUILD_FAILED', `The build pod could not take the context: ${words}`, {
    hint: 'The image `kaniko.initImage` needs sh, tar and touch.',
  });
}
