import { readFile, stat } from 'node:fs/promises';
import { systemErrorCode, UserError } from '../../core/errors.ts';
import type { Source } from './source.ts';

/** Larger files are refused: no configuration of people is that large. */
const maxConfigBytes = 32 * 1024 * 1024;

/**
 * The text of a file. UTF-8 with or without byte order mark, or UTF-16 with one; anything else is `CONFIG_INVALID`.
 * A missing file is `CONFIG_NOT_FOUND`.
 */
export async function readSource(file: string, name = file): Promise<Source> {
  if (file.includes('\0')) throw new UserError('CONFIG_INVALID', `${JSON.stringify(name)} is no name of a file`);
  try {
    const { size } = await stat(file);
    if (size > maxConfigBytes) {
      throw new UserError(
        'CONFIG_INVALID',
        `${name}: the file has ${Math.round(size / 1024 / 1024)} MB; at most 32 MB are read`,
      );
    }
    return { path: file, name, text: decode(await readFile(file), name) };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') throw new UserError('CONFIG_NOT_FOUND', `There is no file ${file}`, { cause: error });
    if (code === 'EISDIR') throw new UserError('CONFIG_INVALID', `${file} is a folder, not a file`, { cause: error });
    if (code === 'EACCES' || code === 'EPERM') {
      throw new UserError('CONFIG_INVALID', `${file} may not be read`, {
        hint: 'Change its permissions.',
        cause: error,
      });
    }
    throw error;
  }
}

function decode(bytes: Buffer, file: string): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    const valid = new TextDecoder('utf-8').decode(bytes).split('\ufffd', 1)[0] ?? '';
    const line = valid.split('\n').length;
    const what = bytes.includes(0) ? 'this is not a text file' : 'this text is not UTF-8; save the file as UTF-8';
    throw new UserError('CONFIG_INVALID', `${file}:${line}:${valid.length - valid.lastIndexOf('\n')}: ${what}`, {
      cause: error,
    });
  }
}
