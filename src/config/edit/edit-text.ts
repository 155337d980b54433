import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../core/errors.ts';
import { toData } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';
import { toDottedPath } from '../finding.ts';
import type { Edit } from './edit.ts';
import { applyToData } from './edit-data.ts';
import { openLayout } from './layout.ts';
import { type Splice, spliceAppend, spliceRemove, spliceSet } from './splices.ts';

/**
 * Changes the text in place: every line that an edit does not touch stays byte for byte, with comments, order, style and
 * line ends. The result is read again and compared with what was meant; a text for which that cannot be kept, such as
 * one that edits inside an alias, is `CONFIG_EDIT` and stays as it was.
 */
export function editText(text: string, edits: readonly Edit[]): string {
  return edits.reduce(applyEdit, text);
}

function applyEdit(text: string, edit: Edit): string {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const body = text.slice(mark.length);
  const before = dataOf(body);
  if (before === undefined) {
    throw new UserError('CONFIG_EDIT', 'The file is not valid YAML', {
      hint: 'Correct it first; `devspace print` says where.',
    });
  }
  const result = splice(body, toSplice(body, edit));
  if (!isDeepStrictEqual(dataOf(result), applyToData(before, edit))) {
    throw new UserError('CONFIG_EDIT', `${toDottedPath(edit.path)} cannot be changed without touching other lines`);
  }
  return mark + result;
}

function toSplice(text: string, edit: Edit): Splice {
  const layout = openLayout(text);
  if (edit.kind === 'set') return spliceSet(layout, edit.path, edit.value);
  if (edit.kind === 'append') return spliceAppend(layout, edit.path, edit.value);
  return spliceRemove(layout, edit.path);
}

function splice(text: string, { start, end, insert }: Splice): string {
  return text.slice(0, start) + insert + text.slice(end);
}

function dataOf(text: string): unknown {
  const { root, problems } = parseYaml({ path: 'edited text', text });
  if (problems.some(({ severity }) => severity === 'error')) return undefined;
  return root ? toData(root) : {};
}
