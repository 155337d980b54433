import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../../core/errors.ts';

/** Keeps secret answers unreadable for everyone who has the project folder but not the user's own folder. */
export interface SecretBox {
  seal(text: string): string;
  /** Nothing when the text was sealed with another key or was changed. */
  open(sealed: string): string | undefined;
}

/** The box of this user. Its key lies in the user's DevSpace folder, readable by the user only; made when missing. */
export async function openSecretBox(userFolder: string): Promise<SecretBox> {
  const key = await readKey(path.join(userFolder, 'answers.key'));
  return {
    seal(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

async function readKey(file: string): Promise<Buffer> {
  const known = await readKnownKey(file);
  if (known) return known;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const key = randomBytes(32);
  try {
    await writeFile(file, key.toString('base64'), { mode: 0o600, flag: 'wx' });
    return key;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    return (await readKnownKey(file)) ?? key;
  }
}

async function readKnownKey(file: string): Promise<Buffer | undefined> {
  try {
    const key = Buffer.from(await readFile(file, 'utf8'), 'base64');
    return key.length === 32 ? key : undefined;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
