import type { ReadStream, WriteStream } from 'node:tty';

/**
 * What a program in the container may have switched on in the user's terminal and, cut off, could not switch off:
 * application keys, hidden cursor, alternate screen, bracketed paste, mouse reports, colours.
 */
const leaveModes = '\u001b[?1l\u001b[?25h\u001b[?2004l\u001b[?1000l\u001b[?1002l\u001b[?1006l\u001b[0m';
const leaveAlternateScreen = '\u001b[?1049l';

export interface RawMode {
  /** Back to what it was; may be called often. `cut` also resets what a dead program left switched on. */
  restore(end: 'clean' | 'cut'): void;
}

/** Passes every key to the container as it is, Ctrl-C too. Restores also when the process exits without a word. */
export function enterRawMode(input: ReadStream, output: WriteStream): RawMode {
  let active = true;
  const restore = (end: 'clean' | 'cut') => {
    if (!active) return;
    active = false;
    process.removeListener('exit', onExit);
    input.setRawMode(false);
    input.pause();
    if (end === 'cut') output.write(leaveAlternateScreen + leaveModes);
  };
  const onExit = () => restore('cut');
  process.once('exit', onExit);
  input.setRawMode(true);
  return { restore };
}
