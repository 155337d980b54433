import { abortReason } from './abort.ts';
import { defer } from './deferred.ts';

/**
 * Something long-running. `ready` resolves once when it works, `done` settles when it has ended (rejects if it
 * failed for good), `close()` may be called often and resolves when sockets, timers and processes are really gone.
 */
export interface Handle {
  readonly ready: Promise<void>;
  readonly done: Promise<void>;
  close(): Promise<void>;
}

/** Owns handles: what it keeps is closed in reverse order when the scope ends, whatever the reason. */
export interface Lifetime extends AsyncDisposable {
  /** Aborts when the outer signal aborts or when the lifetime closes. */
  readonly signal: AbortSignal;
  /** Takes over the handle, waits until it is ready and returns it. */
  keep<H extends Handle>(handle: H): Promise<H>;
  /** Runs until the main work ends, a kept handle fails or ends, or the signal aborts; the first reason wins. */
  race<T>(main: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openLifetime(outer: AbortSignal): Lifetime {
  const controller = new AbortController();
  const handles: Handle[] = [];
  const failed = defer<never>();
  failed.promise.catch(() => {});
  const onAbort = () => {
    controller.abort(outer.reason);
    failed.reject(abortReason(outer));
  };
  if (outer.aborted) onAbort();
  else outer.addEventListener('abort', onAbort, { once: true });

  let closing: Promise<void> | undefined;
  const close = async () => {
    outer.removeEventListener('abort', onAbort);
    const errors: unknown[] = [];
    for (const handle of handles.reverse()) await handle.close().catch((error: unknown) => errors.push(error));
    controller.abort();
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'several parts could not be closed');
  };

  return {
    signal: controller.signal,
    async keep(handle) {
      handles.push(handle);
      handle.done.catch((error: unknown) => failed.reject(error));
      await Promise.race([handle.ready, failed.promise]);
      return handle;
    },
    race: (main) => {
      main.catch(() => {});
      return Promise.race([main, failed.promise]);
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}
