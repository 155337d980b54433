/** What the keys of a terminal come to. */
export interface EscapedKeys {
  /** What goes to the container. */
  readonly keys: Buffer;
  /** The user has typed the escape that ends the terminal. */
  readonly isDetached: boolean;
}

const [tilde, dot, enter, lineFeed] = [0x7e, 0x2e, 0x0d, 0x0a];
/** More at once was not typed by hand. */
const mostTypedBytes = 8;

/**
 * Finds `~.` after Enter, the escape of ssh, among typed keys; `~~` there stands for one tilde. What was pasted is never
 * an escape.
 */
export function createEscape(): (keys: Buffer) => EscapedKeys {
  let isLineStart = true;
  let isHeld = false;
  return (keys) => {
    if (keys.length > mostTypedBytes) {
      const held = isHeld ? [Buffer.from([tilde])] : [];
      isHeld = false;
      isLineStart = [enter, lineFeed].includes(keys.at(-1) ?? 0);
      return { keys: Buffer.concat([...held, keys]), isDetached: false };
    }
    const passed: number[] = [];
    for (const key of keys) {
      if (isHeld) {
        isHeld = false;
        if (key === dot) return { keys: Buffer.from(passed), isDetached: true };
        passed.push(tilde);
        if (key === tilde) {
          isLineStart = false;
          continue;
        }
      } else if (isLineStart && key === tilde) {
        isHeld = true;
        isLineStart = false;
        continue;
      }
      passed.push(key);
      isLineStart = key === enter || key === lineFeed;
    }
    return { keys: Buffer.from(passed), isDetached: false };
  };
}
