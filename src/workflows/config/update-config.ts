import { type Problem, problemLine } from '../../config/diagnostics.ts';
import { unifiedDiff } from '../../config/edit/diff-lines.ts';
import { updateConfig as toNewest } from '../../config/edit/update-config.ts';
import type { ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { confirm } from './choose.ts';
import { readEditable } from './edit-file.ts';
import { replaceFile } from './write-file.ts';

export interface UpdateWish {
  readonly consent: 'given' | 'asked for';
  /** Shows the differences before anything is asked. */
  readonly show: (diff: string) => Promise<void>;
}

export type UpdateResult = 'updated' | 'declined' | 'newest already';

/** Rewrites the file in the newest version, once the differences are shown and accepted. */
export async function updateConfig(wish: UpdateWish, options: ProjectOptions, tools: Tools): Promise<UpdateResult> {
  const source = await readEditable(options, tools);
  const { text, problems } = toNewest(source);
  if (text === source.text) return 'newest already';
  const name = source.name ?? source.path;
  await wish.show(unifiedDiff(name, source.text, text));
  for (const line of toLines(problems, options.cwd)) tools.log.warn(line);
  const question = { text: `Write this to ${name}?`, flag: '--yes', signal: options.signal };
  if (wish.consent === 'asked for' && !(await confirm(question, tools))) return 'declined';
  await replaceFile(source.path, text);
  return 'updated';
}

const toLines = (problems: readonly Problem[], cwd: string): string[] => [
  ...new Set(problems.map((problem) => problemLine(problem, cwd))),
];
