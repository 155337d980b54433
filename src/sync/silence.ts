/** Notices that what we wait for does not come any more. */
export interface Silence {
  /** Something came, or is waited for from now on. */
  heard(): void;
  stop(): void;
}

export interface SilenceOptions {
  readonly silentForMs: number;
  /** Silence counts only while something is waited for. */
  isWaiting(): boolean;
  /** Asked after such a silence, and again as long as it lasts. */
  isDead(): Promise<boolean>;
  onDead(): void;
}

/**
 * A connection of which nothing is left but our end looks like a container that is busy: no server answers a ping while
 * a process does not read. So who waits long asks in another way, and gives up if that says so (fault S24 of our
 * reference, `reliability.md`).
 */
export function watchSilence({ silentForMs, isWaiting, isDead, onDead }: SilenceOptions): Silence {
  let heardAt = performance.now();
  let isAsking = false;
  const ask = () => {
    isAsking = true;
    const before = heardAt;
    isDead()
      // no answer is no proof: then the connection itself tells what is wrong
      .catch(() => false)
      .then((dead) => {
        isAsking = false;
        if (dead && heardAt === before && isWaiting()) onDead();
      })
      .catch(() => {});
  };
  const timer = setInterval(() => {
    if (isWaiting() && performance.now() - heardAt > silentForMs && !isAsking) ask();
  }, silentForMs / 4);
  timer.unref();
  return {
    heard() {
      heardAt = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}
