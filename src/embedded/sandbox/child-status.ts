import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { SandboxError } from './sandbox.ts';

/** What a script of ours said on descriptor 3 before it became the program. */
export interface ChildStatus {
  readonly pid: number | undefined;
  /** Name of the terminal inside the container. */
  readonly tty: string | undefined;
}

/**
 * Reads descriptor 3 of a child until it says `ready`. Rejects with `SandboxError` when the child ends before that,
 * with what it wrote: the words of the tool that failed.
 */
export function readStatus(child: ChildProcess, program: string): Promise<ChildStatus> {
  return new Promise((resolve, reject) => {
    const stream = child.stdio[3] as Readable;
    let text = '';
    const finish = (settle: () => void) => {
      stream.removeAllListeners('data');
      child.removeListener('error', onError);
      stream.destroy();
      settle();
    };
    const onError = (error: Error) => finish(() => reject(new SandboxError('SETUP', error.message, { cause: error })));
    child.once('error', onError);
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (/^ready$/m.test(text)) finish(() => resolve(toStatus(text)));
    });
    stream.once('close', () => finish(() => reject(toFailure(text, program))));
  });
}

function toStatus(text: string): ChildStatus {
  const pid = /^pid (\d+)$/m.exec(text)?.[1];
  return { pid: pid === undefined ? undefined : Number(pid), tty: /^tty (\S+)$/m.exec(text)?.[1] };
}

/** The words are those of runc, which users and tools know. */
function toFailure(text: string, program: string): SandboxError {
  const start = `failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${program}":`;
  if (/^missing$/m.test(text)) {
    const reason = program.includes('/')
      ? `stat ${program}: no such file or directory`
      : 'executable file not found in $PATH';
    return new SandboxError('COMMAND_NOT_FOUND', `${start} ${reason}: unknown`);
  }
  if (/^denied$/m.test(text)) return new SandboxError('COMMAND_NOT_EXECUTABLE', `${start} permission denied: unknown`);
  const words = text.replace(/^(pid|tty) .*\n/gm, '').trim();
  return new SandboxError('SETUP', `the sandbox could not be made: ${words || 'its process ended'}`);
}
