import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { Log } from '../../core/log.ts';
import { plainText, type Redactor } from '../../core/redact.ts';
import type { Level, Theme } from './theme.ts';

export interface TerminalLogOptions {
  /** stderr. Its `columns` are set on a terminal. */
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly theme: Theme;
  readonly redactor: Redactor;
  readonly verbosity: 'debug' | 'normal' | 'silent';
  /** `hidden` by `--no-warn`. */
  readonly warnings?: 'shown' | 'hidden';
}

export interface TerminalLog extends Log {
  /** From now on lines go to the file, until the returned function is called: the terminal belongs to someone else. */
  holdOutput(file: string): () => void;
  line(level: Level, message: string): void;
  /** Lets someone else write above the status line. */
  aside<T>(write: () => T): T;
  /** Removes the status line and stops its clock. */
  close(): void;
}

const redrawMs = 200;
/** Without a terminal a status that lasts is told this often. */
const remindMs = 10_000;

/**
 * Lines on stderr, with one status line below them on a terminal. Elsewhere the output only grows, and a status that
 * lasts longer than ten seconds becomes a line.
 */
export function createTerminalLog({ output, theme, redactor, verbosity, warnings }: TerminalLogOptions): TerminalLog {
  const isTty = output.isTTY === true;
  let status: { readonly text: string; readonly since: number } | undefined;
  let heldFile: string | undefined;
  let clock: NodeJS.Timeout | undefined;
  let drawn = false;

  const erase = () => {
    if (drawn) output.write('\r\u001b[K');
    drawn = false;
  };
  const draw = () => {
    if (!status || heldFile !== undefined) return;
    const seconds = Math.floor((Date.now() - status.since) / 1000);
    const text = `${status.text}${seconds > 0 ? ` (${seconds}s)` : ''}`;
    output.write(`\r\u001b[K${theme.faint(text.slice(0, Math.max(20, (output.columns ?? 80) - 1)))}`);
    drawn = true;
  };
  const line = (level: Level, message: string, scope?: string) => {
    const isError = level === 'error' || level === 'fatal';
    if (verbosity === 'silent' && !isError) return;
    if (level === 'debug' && verbosity !== 'debug') return;
    if (level === 'warn' && warnings === 'hidden') return;
    const clean = redactor.clean(plainText(message));
    if (heldFile !== undefined) {
      writeHeld(heldFile, `${new Date().toISOString()} ${level} ${scope === undefined ? '' : `${scope}: `}${clean}\n`);
      return;
    }
    erase();
    output.write(`${theme.level(level)} ${scope === undefined ? '' : `${theme.scope(scope)}  `}${clean}\n`);
    if (isTty) draw();
  };
  const setStatus = (text: string | undefined, scope?: string) => {
    if (verbosity === 'silent') return;
    const plain = text === undefined ? undefined : plainText(scope === undefined ? text : `${scope}  ${text}`);
    const clean = plain === undefined ? undefined : redactor.clean(plain);
    if (clean === status?.text) return;
    clearInterval(clock);
    erase();
    status = clean === undefined ? undefined : { text: clean, since: Date.now() };
    if (!status) return;
    if (isTty) draw();
    clock = setInterval(isTty ? draw : () => line('info', status?.text ?? ''), isTty ? redrawMs : remindMs);
    clock.unref();
  };
  const scoped = (scope?: string): Log => ({
    debug: (message) => line('debug', message, scope),
    info: (message) => line('info', message, scope),
    done: (message) => line('done', message, scope),
    warn: (message) => line('warn', message, scope),
    error: (message) => line('error', message, scope),
    status: (text) => setStatus(text, scope),
    child: (name) => scoped(scope === undefined ? name : `${scope} ${name}`),
  });

  return {
    ...scoped(),
    line,
    aside(write) {
      erase();
      const result = write();
      if (isTty) draw();
      return result;
    },
    holdOutput(file) {
      setStatus(undefined);
      mkdirSync(path.dirname(file), { recursive: true });
      heldFile = file;
      return () => {
        heldFile = undefined;
      };
    },
    close: () => setStatus(undefined),
  };
}

function writeHeld(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch {
    // a full disk must not end the session that the log is about
  }
}
