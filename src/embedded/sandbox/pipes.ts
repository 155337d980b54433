import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { runTool } from './tool.ts';

/** Standard streams of a child as real pipes. */
export interface Pipes {
  /** File descriptors for the child's 0, 1 and 2. */
  readonly childEnds: readonly [number, number, number];
  readonly stdin: Writable | undefined;
  /** What is written to standard input waits for this; the last call counts. */
  holdInput(until: Promise<void>): void;
  /** Ends standard input; called when the process has ended. */
  closeInput(): void;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** To be called once the child has its ends (or will never have them). */
  closeChildEnds(): void;
  /** Ends all streams, if the child never ran. */
  destroy(): void;
}

export interface PipesOptions {
  /** Where the named pipes are for a moment. */
  readonly folder: string;
  readonly stdin: 'open' | 'none';
  /** `joined`: the child's stdout and stderr are one stream, as with a terminal. */
  readonly output: 'apart' | 'joined';
}

/**
 * Node.js gives a child sockets as standard streams, which cannot be opened again through `/dev/stdout`, as
 * programs in containers do. So these are named pipes, removed from the disk as soon as both ends are open.
 */
export async function openPipes(options: PipesOptions): Promise<Pipes> {
  const tag = `${process.pid}-${process.hrtime.bigint()}`;
  const files = ['in', 'out', 'err'].map((name) => path.join(options.folder, `.${tag}-${name}`));
  await runTool('mkfifo', ['-m', '600', ...files]);
  try {
    const [input, output, errors] = files.map(openBothEnds);
    if (!input || !output || !errors) throw new Error('three pipes were asked for');
    return toPipes({ input, output, errors }, options);
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
}

interface Ends {
  readonly read: number;
  readonly write: number;
}

function openBothEnds(file: string): Ends {
  // opened for both first: opening one end alone would wait for the other
  const both = openSync(file, constants.O_RDWR);
  try {
    return { read: openSync(file, constants.O_RDONLY), write: openSync(file, constants.O_WRONLY) };
  } finally {
    closeSync(both);
  }
}

function toPipes(ends: { input: Ends; output: Ends; errors: Ends }, options: PipesOptions): Pipes {
  const { input, output, errors } = ends;
  // a terminal whose input ends would type Ctrl-D: without input it gets one that stays open and silent
  let hold: Promise<void> | undefined;
  const needed = options.stdin === 'open' || options.output === 'joined';
  const held = needed ? toWritable(input.write, () => hold) : undefined;
  const stdin = options.stdin === 'open' ? held : undefined;
  if (!held) closeSync(input.write);
  const stdout = toReadable(output.read);
  const stderr = toReadable(errors.read);
  const errorEnd = options.output === 'joined' ? output.write : errors.write;
  let open = true;
  const closeChildEnds = () => {
    if (!open) return;
    open = false;
    for (const end of [input.read, output.write, errors.write]) closeSync(end);
  };
  return {
    childEnds: [input.read, output.write, errorEnd],
    stdin,
    stdout,
    stderr,
    holdInput(until) {
      const release = () => {
        if (hold === waiting) hold = undefined;
      };
      const waiting: Promise<void> = until.then(release, release);
      hold = waiting;
    },
    closeInput: () => held?.destroy(),
    closeChildEnds,
    destroy() {
      closeChildEnds();
      for (const stream of [held, stdout, stderr]) stream?.destroy();
    },
  };
}

function toReadable(fd: number): Readable {
  return new Socket({ fd, readable: true, writable: false });
}

/** `end()` must close a pipe, where a socket would only be shut down; a reader that went away is not an error. */
function toWritable(fd: number, hold: () => Promise<void> | undefined): Writable {
  const socket = new Socket({ fd, readable: false, writable: true });
  const writable = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const write = () => {
        if (socket.destroyed) done();
        else socket.write(chunk, () => done());
      };
      const waiting = hold();
      if (waiting) waiting.then(write, done);
      else write();
    },
    final: (done) => {
      socket.destroy();
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('error', () => writable.destroy());
  return writable;
}
