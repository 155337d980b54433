/**
 * Where engines tell what happens. Only `cli` knows colours, width and spinners; everything goes to stderr, because
 * stdout belongs to the data that was asked for.
 */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  /** Something that was asked for is finished. */
  done(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Shows what is happening right now, replaced by the next call; `undefined` ends it. */
  status(message: string | undefined): void;
  /** A log whose lines carry the scope as prefix, such as `sync` or `build app`. */
  child(scope: string): Log;
}

const ignore = (): void => {};

export const nullLog: Log = {
  debug: ignore,
  info: ignore,
  done: ignore,
  warn: ignore,
  error: ignore,
  status: ignore,
  child: () => nullLog,
};
