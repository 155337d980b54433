import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar } from 'yaml';
import { UserError } from '../../core/errors.ts';
import { locate, type Problem, toConfigError } from '../diagnostics.ts';
import { toData } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';
import type { Source } from '../document/source.ts';
import type { KeyPath } from '../finding.ts';
import { toDocument, writeYaml } from '../to-yaml.ts';
import { eraOf } from '../variables/era.ts';
import { failOn, strictBeforeVariables } from '../verify.ts';
import { versionOf } from '../version-of.ts';
import { knownVersions, newestVersion, upgradeToNewest } from '../versions/ladder.ts';
import type { Data } from '../versions/version.ts';
import { type Comments, collectComments, moveComments } from './comments.ts';
import { columnOf, type Layout, openLayout } from './layout.ts';
import { toWrittenShape, updateWarnings } from './written-shape.ts';

export interface UpdatedConfig {
  /** The text in the newest version; the same as before when the file is of the newest version already. */
  readonly text: string;
  /** What could not be kept. */
  readonly problems: readonly Problem[];
}

/**
 * Rewrites a file to the newest version. Variables and profiles stay as they are written. Sections that mean the same in
 * both versions keep their text; in the others the comments go along with what they stand at.
 */
export function updateConfig(source: Source): UpdatedConfig {
  const { root, problems: syntax } = parseYaml(source);
  if (root?.kind !== 'mapping' || syntax.some(({ severity }) => severity === 'error')) {
    throw new UserError('CONFIG_EDIT', `${source.name ?? source.path} has mistakes`, {
      hint: 'Correct them first; `devspace print` lists them.',
    });
  }
  const checked = versionOf(root, knownVersions);
  if ('problem' in checked) throw toConfigError([checked.problem], path.dirname(source.path));
  const { version } = checked;
  if (version === newestVersion) return { text: source.text, problems: [] };
  const verification = { version, era: eraOf(version), cwd: path.dirname(source.path) };
  failOn(strictBeforeVariables(root, verification), root, verification);
  const before = asData(toData(root));
  const problems: Problem[] = [];
  const { model, origins } = upgradeToNewest(version, before, (finding) => problems.push(locate(finding, root)));
  const after = { ...toWrittenShape(model, before), version: newestVersion };
  problems.push(...updateWarnings(root));
  const layout = openLayout(source.text);
  const rewrite = { layout, comments: collectComments(layout), toDeclared: origins.toDeclared };
  const text = writeSections(before, after, rewrite);
  return { text, problems };
}

interface Rewrite {
  readonly layout: Layout;
  readonly comments: Comments;
  readonly toDeclared: (path: KeyPath) => KeyPath;
}

function writeSections(before: Data, after: Data, rewrite: Rewrite): string {
  const { layout } = rewrite;
  const { text } = layout;
  if (!isMap(layout.root)) throw new UserError('CONFIG_EDIT', 'The file has a form that cannot be updated');
  const sections = sectionsOf(text);
  const order = ['version', ...Object.keys(before), ...Object.keys(after)];
  const names = [...new Set(order)].filter((name) => Object.hasOwn(after, name));
  const blocks = names.map((name) => {
    const own = sections.get(name);
    if (own !== undefined && isDeepStrictEqual(before[name], after[name])) return own.text;
    const comments = own?.comments ?? '';
    return comments + writeSection(name, after[name], rewrite);
  });
  const joined =
    sectionsHead(text) + blocks.map((block) => `${block.replace(/\s+$/, '')}\n`).join(blocks.length > 1 ? '\n' : '');
  const tight = joined.replace(/\n{3,}/g, '\n\n');
  return layout.lineEnd === '\r\n' ? tight.replace(/\r?\n/g, '\r\n') : tight;
}

/** YAML for one section, with the comments of the values that came into it. */
function writeSection(name: string, value: unknown, { layout, comments, toDeclared }: Rewrite): string {
  const document = toDocument({ [name]: value });
  moveComments(document, comments, toDeclared);
  return writeYaml(document, { indent: layout.indent, indentSeq: layout.indentsLists });
}

interface Section {
  /** With the comments above it. */
  readonly text: string;
  readonly comments: string;
}

/** The top-level sections as they stand in the text, each with the comment lines directly above it. */
function sectionsOf(text: string): Map<string, Section> {
  const layout = openLayout(text);
  const starts: { readonly name: string; readonly start: number; readonly key: number }[] = [];
  for (const pair of isMap(layout.root) ? layout.root.items : []) {
    if (!isScalar(pair.key) || !pair.key.range) continue;
    const key = pair.key.range[0] - columnOf(text, pair.key.range[0]);
    starts.push({ name: String(pair.key.value), key, start: commentStart(text, key) });
  }
  return new Map(
    starts.map(({ name, start, key }, index) => {
      const end = starts[index + 1]?.start ?? text.length;
      return [name, { text: text.slice(start, end), comments: text.slice(start, key) }];
    }),
  );
}

/** Where the comment lines directly above a line begin. */
function commentStart(text: string, line: number): number {
  const start = text.lastIndexOf('\n', line - 2) + 1;
  return start < line && /^[ \t]*#/.test(text.slice(start, line)) ? commentStart(text, start) : line;
}

/** What stands above the first section and is not its comment. */
function sectionsHead(text: string): string {
  const first = [...sectionsOf(text).values()][0];
  const start = first ? text.indexOf(first.text) : 0;
  return start <= 0 ? '' : text.slice(0, start);
}

function asData(data: unknown): Data {
  return typeof data === 'object' && data !== null ? { ...data } : {};
}
