/**
 * A listener in the container ends when we have not spoken for so long: then the connection is lost, and the next
 * listener wants its ports.
 */
export const silenceSeconds = 45;
/** How often we say that we are still there, in milliseconds. */
export const aliveMs = 15_000;
