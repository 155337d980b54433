import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

/**
 * One file of a ZIP archive, found through its central directory (APPNOTE.TXT 4.3.12, 4.3.16); the sum of its bytes is
 * checked. Neither encryption nor ZIP64.
 */
export async function unzip(archive: Buffer, name: string): Promise<Buffer> {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error('This is no ZIP archive');
  const entries = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < entries; entry += 1) {
    const nameLength = archive.readUInt16LE(at + 28);
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) return readEntry(archive, at);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  throw new Error(`The archive has no file ${name}`);
}

async function readEntry(archive: Buffer, at: number): Promise<Buffer> {
  const method = archive.readUInt16LE(at + 10);
  const local = archive.readUInt32LE(at + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const stored = archive.subarray(start, start + archive.readUInt32LE(at + 20));
  if (method !== 0 && method !== 8) throw new Error(`Method ${method} of the archive is not understood`);
  const content = method === 0 ? stored : await inflate(stored);
  if (crc32(content) !== archive.readUInt32LE(at + 16)) throw new Error('The archive is damaged');
  return content;
}
