import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode, UserError } from '../../core/errors.ts';

/**
 * The variables of the environment file: `DEVSPACE_ENV_FILE`, else `.env` in the project folder. Without such a file
 * nothing; a file that was named but is missing is an error.
 */
export async function readEnvFile(
  projectRoot: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const named = env.DEVSPACE_ENV_FILE;
  const file = path.resolve(projectRoot, named || '.env');
  try {
    return parseEnvFile(await readFile(file, 'utf8'));
  } catch (error) {
    const code = systemErrorCode(error);
    if (!named && (code === 'ENOENT' || code === 'EISDIR')) return {};
    throw new UserError('CONFIG_VARIABLE', `The environment file ${file} cannot be read: ${code ?? 'unknown reason'}`, {
      hint: named ? 'Correct DEVSPACE_ENV_FILE.' : 'Check the file and its permissions.',
      cause: error,
    });
  }
}

/** `NAME=value` lines with optional `export`, quotes, comments, `\n` in double quotes and `${NAME}` of earlier lines. */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const line =
    /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*[=:](?:[ \t]*("(?:\\.|[^"\\])*"|'[^']*')[ \t]*(?:#[^\n\r]*)?\r?$|([^\n\r]*))/gm;
  for (const [, name = '', quoted, plain = ''] of text.matchAll(line)) {
    values[name] = unquote(quoted ?? plain.replace(/(^|\s)#.*$/, '').trim(), values);
  }
  return values;
}

function unquote(written: string, earlier: Readonly<Record<string, string>>): string {
  if (written.startsWith("'")) return written.slice(1, -1);
  const isQuoted = written.startsWith('"');
  const text = isQuoted
    ? written.slice(1, -1).replace(/\\([nrt"\\$])/g, (_, mark: string) => escapes[mark] ?? mark)
    : written;
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => earlier[name] ?? whole);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };
