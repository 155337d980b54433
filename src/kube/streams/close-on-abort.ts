/** A connection that may end at any time. */
interface Closable {
  /** Never rejects. */
  readonly closed: Promise<unknown>;
  close(): void;
}

/** Ties the connection to the signal for as long as it lives. */
export function closeOnAbort(connection: Closable, signal: AbortSignal): void {
  const onAbort = () => connection.close();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  connection.closed.then(
    () => signal.removeEventListener('abort', onAbort),
    () => {},
  );
}
