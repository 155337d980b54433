import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { shownPath } from '../../config/diagnostics.ts';
import { at, type MappingNode, stringAt } from '../../config/document/node.ts';
import { parseYaml } from '../../config/document/parse.ts';
import { readSource } from '../../config/document/read.ts';
import type { Source } from '../../config/document/source.ts';
import { openSession } from '../../config/session.ts';
import { UserError } from '../../core/errors.ts';
import { type ProjectOptions, toLoadOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { replaceFile } from './write-file.ts';

/** The file that the commands change: of a named configuration the one that it is based on, without its overrides. */
export async function readEditable(options: ProjectOptions, tools: Tools): Promise<Source> {
  const { found, projectRoot, state } = await openSession(toLoadOptions(options, tools));
  const source = await readExact(found.path, options.cwd);
  if (found.kind === 'config') return source;
  const name = state.activeConfig ?? 'default';
  const base = stringAt(at(rootOf(source), [name, 'config']), 'path');
  if (base !== undefined) return readExact(path.resolve(projectRoot, base), options.cwd);
  throw new UserError('CONFIG_EDIT', `The configuration ${name} has no file of its own in ${source.name ?? ''}`, {
    hint: 'Choose another with `devspace use config NAME`, or change the file by hand.',
  });
}

/** Changes the file; without a change nothing is written. Returns its name as it is shown. */
export async function changeFile(
  options: ProjectOptions,
  tools: Tools,
  change: (source: Source) => string,
): Promise<string> {
  const source = await readEditable(options, tools);
  const text = change(source);
  if (text !== source.text) await replaceFile(source.path, text);
  return source.name ?? source.path;
}

/** The map that the text is. `CONFIG_EDIT` for a text with mistakes. */
export function rootOf(source: Source): MappingNode {
  const { root, problems } = parseYaml(source);
  if (root?.kind === 'mapping' && !problems.some(({ severity }) => severity === 'error')) return root;
  throw new UserError('CONFIG_EDIT', `${source.name ?? source.path} has mistakes`, {
    hint: 'Correct them first; `devspace print` lists them.',
  });
}

/** The text with its byte order mark, so that what is written differs only where it should. */
async function readExact(file: string, cwd: string): Promise<Source> {
  const source = await readSource(file, shownPath(file, cwd));
  const text = await readFile(file, 'utf8');
  if (text.replace(/^\uFEFF/, '') === source.text) return { ...source, text };
  throw new UserError('CONFIG_EDIT', `${source.name ?? file} is not UTF-8`, { hint: 'Save the file as UTF-8 first.' });
}
