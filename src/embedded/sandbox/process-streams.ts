import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Pipes } from './pipes.ts';
import type { ProcessExit, ProcessStreams, TerminalSize } from './sandbox.ts';

export interface StreamsOptions {
  /** The helper process on this side; it ends as the process in the sandbox ends. */
  readonly child: ChildProcess;
  readonly pipes: Pipes;
  /** The process in the sandbox, as this machine sees it; `undefined` when it is gone. */
  pid(): number | undefined;
  resize(size: TerminalSize): Promise<void>;
}

export function toStreams(options: StreamsOptions): ProcessStreams {
  const { child, pipes } = options;
  let ended = false;
  let resizing = Promise.resolve();
  const exited = new Promise<ProcessExit>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null) => {
      ended = true;
      pipes.closeInput();
      resolve(toExit(code, signal));
    };
    if (child.exitCode !== null || child.signalCode !== null) settle(child.exitCode, child.signalCode);
    else child.once('exit', settle);
  });
  return {
    stdout: pipes.stdout,
    stderr: pipes.stderr,
    ...(pipes.stdin ? { stdin: pipes.stdin } : {}),
    exited,
    async resize(size) {
      if (ended) return;
      const before = resizing.catch(() => {});
      resizing = before.then(() => options.resize(size));
      // who resizes and then types wants the program to know the size first
      pipes.holdInput(resizing);
      await resizing;
    },
    kill(signal) {
      const pid = ended ? undefined : options.pid();
      if (pid === undefined) return;
      try {
        process.kill(pid, signal);
      } catch {
        // it ended by itself in this moment
      }
    },
  };
}

function toExit(code: number | null, signal: NodeJS.Signals | null): ProcessExit {
  if (signal === null) return { exitCode: code ?? 255 };
  return { exitCode: 128 + constants.signals[signal], signal };
}
