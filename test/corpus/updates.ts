import { readFileSync } from 'node:fs';
import { updateConfig } from '../../src/config/edit/update-config.ts';
import type { Prompt } from '../../src/config/variables/prompt.ts';
import { UserError } from '../../src/core/errors.ts';
import { differences, toTextComparison } from './compare.ts';
import type { Outcome, Workplace } from './load.ts';

/** What became of one old file that was brought to the newest version. */
export interface Updated {
  readonly verdict: 'equal' | 'different' | 'not to judge';
  /** One for each profile that says something else than before. */
  readonly notes: readonly string[];
}

/**
 * Updates the file and resolves both texts without and with each of its profiles. A file that cannot be loaded as it is
 * cannot be judged.
 */
export async function judgeUpdate(file: string, workplace: Workplace): Promise<Updated> {
  const text = readFileSync(file, 'utf8');
  const updated = updateText(file, text);
  if (updated === undefined) return { verdict: 'not to judge', notes: [] };
  const load = (content: string, profiles: readonly string[]): Promise<Outcome> =>
    workplace.load(file, AbortSignal.timeout(30_000), { text: content, profiles, prompt: answers });
  const plain = await load(text, []);
  const choices = plain.kind === 'loaded' ? [[], ...plain.profiles.map((name) => [name])] : [];
  const notes: string[] = [];
  let judged = 0;
  for (const profiles of choices) {
    const before = await load(text, profiles);
    if (before.kind !== 'loaded') continue;
    judged += 1;
    const after = await load(updated, profiles);
    const name = `profile ${profiles.join() || '(none)'}`;
    if (after.kind === 'failed') notes.push(`${name}: ${after.message}`);
    else {
      const found = differences(toMeaning(after.print), toMeaning(before.print), toTextComparison(text));
      notes.push(
        ...found.map(({ path, ours, theirs }) => `${name}: ${path}: ${toText(ours)}, before ${toText(theirs)}`),
      );
    }
  }
  return { verdict: judged === 0 ? 'not to judge' : notes.length === 0 ? 'equal' : 'different', notes };
}

function updateText(file: string, text: string): string | undefined {
  try {
    return updateConfig({ path: file, text }).text;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The same answers to the same questions. */
const answers: Prompt = {
  ask: ({ default: preset, options, validate }) => {
    const candidates = [preset, options[0], 'abc', '1', 'abcdefgh', 'abc.com'].filter((answer) => answer !== undefined);
    return Promise.resolve(candidates.find((answer) => validate(answer) === undefined) ?? 'abc');
  },
};

/** Without what says nothing: a strategy and the name of a release that are the default, and the upgrade's `.env` file. */
function toMeaning(print: Record<string, unknown>): Record<string, unknown> {
  const { vars: _, ...rest } = structuredClone(print) as {
    vars?: unknown;
    images?: Record<string, { rebuildStrategy?: string }>;
    deployments?: Record<string, { helm?: { releaseName?: string } }>;
  };
  for (const image of Object.values(rest.images ?? {})) {
    if (image.rebuildStrategy === 'default') delete image.rebuildStrategy;
  }
  for (const [name, { helm }] of Object.entries(rest.deployments ?? {})) {
    if (helm?.releaseName === name) delete helm.releaseName;
  }
  return rest;
}

const toText = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 160);
