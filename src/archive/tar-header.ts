const blockSize = 512;
/** Longest name and link target that the plain format holds, in bytes; longer ones need an extended header. */
const [nameBytes, linkBytes] = [100, 100];
/** Larger files do not fit into the eleven octal digits of the plain format. */
const plainSize = 8 ** 11;

export interface TarHeader {
  readonly type: 'file' | 'directory' | 'symlink';
  /** Relative, with `/`. */
  readonly name: string;
  readonly mode: number;
  /** Seconds since the epoch; fractions are cut, since BusyBox and toybox keep none. */
  readonly mtime: number;
  readonly size: number;
  readonly target?: string;
}

/**
 * The blocks that introduce one entry of a tar archive (POSIX `ustar`, with a `pax` header where name, target or size
 * do not fit). uid and gid are 0. Ten times cheaper than a stream per entry, which decides how long the first
 * synchronisation of many small files takes; every tar that we met reads both forms (our reference, `streams.md` 3.3).
 */
export function tarHeader(header: TarHeader): Buffer {
  const name = header.type === 'directory' ? `${header.name}/` : header.name;
  const { target = '', size } = header;
  const records: string[] = [];
  if (Buffer.byteLength(name) > nameBytes) records.push(paxRecord('path', name));
  if (Buffer.byteLength(target) > linkBytes) records.push(paxRecord('linkpath', target));
  if (size >= plainSize) records.push(paxRecord('size', String(size)));
  const plain = block(name, header, { flag: flags[header.type], size: size < plainSize ? size : 0, target });
  if (records.length === 0) return plain;
  const pax = Buffer.from(records.join(''));
  const extended = { ...header, mode: 0o644 };
  const head = block('pax', extended, { flag: 'x', size: pax.length, target: '' });
  return Buffer.concat([head, pax, Buffer.alloc(padding(pax.length)), plain]);
}

/** Bytes that follow a content of this size up to the next whole block. */
export const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

/** What ends an archive; padded to the record of 10,240 bytes by nobody that we met. */
export const tarEnd = Buffer.alloc(2 * blockSize);

const flags = { file: '0', directory: '5', symlink: '2' } as const;

function block(name: string, { mode, mtime }: TarHeader, more: { flag: string; size: number; target: string }): Buffer {
  const buffer = Buffer.allocUnsafe(blockSize).fill(0);
  buffer.write(name, 0, nameBytes);
  const octal = (value: number, offset: number, digits: number) =>
    buffer.write(value.toString(8).padStart(digits, '0'), offset, digits, 'latin1');
  octal(mode & 0o7777, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(more.size, 124, 11);
  octal(Math.max(0, Math.floor(mtime)) % plainSize, 136, 11);
  buffer.fill(' ', 148, 156);
  buffer.write(more.flag, 156, 'latin1');
  buffer.write(more.target, 157, linkBytes);
  buffer.write('ustar\u000000', 257, 'latin1');
  let sum = 0;
  for (const byte of buffer) sum += byte;
  buffer.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return buffer;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}
