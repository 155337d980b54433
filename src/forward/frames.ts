/**
 * What goes over the one stream between us and the listener in the container: a letter, a number and a length of
 * four bytes each (big-endian), then that many bytes.
 */
export interface Frame {
  readonly kind: FrameKind;
  /** The number of the port for `L` and `E`, else that of the connection. */
  readonly id: number;
  readonly data: Buffer;
}

/**
 * | Kind | From | Means |
 * |---|---|---|
 * | `L` | both | listen on `address port`; the answer: it does |
 * | `E` | container | cannot listen, with the name of the system error |
 * | `O` | container | a connection has come, to the port with this number (four bytes) |
 * | `D` | both | data |
 * | `W` | both | so many bytes more (four bytes) may be sent |
 * | `F` | both | this side sends no more |
 * | `C` | both | the connection broke |
 * | `P` | us | we are still there |
 */
export type FrameKind = 'L' | 'E' | 'O' | 'D' | 'W' | 'F' | 'C' | 'P';

/** Each side sends at most so many bytes of a connection that the other side has not asked for yet. */
export const windowBytes = 256 * 1024;
/** Consumed bytes are told when so many have come together: less than the window, so that nobody waits for them. */
export const creditBytes = windowBytes / 4;

const headBytes = 9;
const kinds = 'LEODWFCP';
/** The listener reads in blocks of at most 32 KiB. */
const mostDataBytes = 1024 * 1024;

const isKind = (letter: string): letter is FrameKind => letter.length === 1 && kinds.includes(letter);

/** The bytes of a frame. */
export function encodeFrame(kind: FrameKind, id: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(kind, 'latin1');
  head.writeUInt32BE(id, 1);
  head.writeUInt32BE(data.length, 5);
  return Buffer.concat([head, data]);
}

/** The data of a frame that carries a number. */
export function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Takes pieces of any size and gives the frames that are whole. Throws for what is no frame. */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    while (rest.length >= headBytes) {
      const kind = rest.toString('latin1', 0, 1);
      const length = rest.readUInt32BE(5);
      if (!isKind(kind) || length > mostDataBytes)
        throw new Error('the listener in the container sent what is no frame');
      if (rest.length < headBytes + length) break;
      frames.push({ kind, id: rest.readUInt32BE(1), data: rest.subarray(headBytes, headBytes + length) });
      rest = rest.subarray(headBytes + length);
    }
    return frames;
  };
}
