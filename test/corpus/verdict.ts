import { type Difference, differences, toTextComparison } from './compare.ts';
import { deliberateDifferences } from './deliberate-differences.ts';
import type { Outcome } from './load.ts';

/** What the original made of a file. */
export type Expectation =
  | { readonly kind: 'print'; readonly print: Record<string, unknown> }
  /** Refused with a line: the file is invalid. `text` is the line of the file, without indentation. */
  | { readonly kind: 'invalid'; readonly texts: readonly string[] }
  /** Could not upgrade a file for reasons of its own, such as an image name with a variable. */
  | { readonly kind: 'defect' }
  /** Needed an answer, another file, a program … that was not there. */
  | { readonly kind: 'unmet' };

type Verdict = 'equal' | 'deliberate' | 'different' | 'rejected' | 'wrongly rejected' | 'wrongly loaded' | 'crashed';

export interface Judged {
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** What the original's message says about the reason. A variable without a value is something that was not there. */
export function toExpectation(error: string): Expectation {
  const texts = [...error.matchAll(/\(line \d+: (.*)\)$/gm)].map(([, text]) => text?.trim() ?? '');
  if (texts.length > 0 && !texts.every((text) => text.includes('${'))) return { kind: 'invalid', texts };
  const isDefect = error.includes('invalid reference format');
  const isInvalid = /^fatal .*(cannot be used together|are nil|is required|has to match the following regex)/m.test(
    error,
  );
  if (isInvalid) return { kind: 'invalid', texts: [] };
  return isDefect ? { kind: 'defect' } : { kind: 'unmet' };
}

interface Case {
  /** Text of the file. */
  readonly source: string;
  readonly expectation: Expectation;
  readonly outcome: Outcome;
}

export function judge({ source, expectation, outcome }: Case): Judged {
  if (outcome.kind === 'failed') {
    const notes = [outcome.message];
    if (outcome.code === undefined) return { verdict: 'crashed', notes };
    if (expectation.kind === 'print') return { verdict: 'wrongly rejected', notes };
    return expectation.kind === 'invalid'
      ? judgeRejection(expectation.texts, outcome.message)
      : { verdict: 'rejected', notes };
  }
  if (expectation.kind === 'invalid') return { verdict: 'wrongly loaded', notes: [] };
  if (expectation.kind !== 'print') return { verdict: 'equal', notes: [] };
  const found = differences(outcome.print, expectation.print, toTextComparison(source));
  const unexpected = found.filter(
    (difference) =>
      !deliberateDifferences.some(({ covers }) =>
        covers(difference, { source, version: versionOf(source), print: outcome.print, warnings: outcome.warnings }),
      ),
  );
  if (unexpected.length > 0) return { verdict: 'different', notes: unexpected.map(toNote) };
  return { verdict: found.length > 0 ? 'deliberate' : 'equal', notes: found.map(toNote) };
}

/** Each line that the original complains about must be shown by us, too. */
function judgeRejection(texts: readonly string[], message: string): Judged {
  const shown = message.split('\n').map((line) => /^ +\d+ \| (.*)$/.exec(line)?.[1] ?? '');
  const missed = texts.filter((text) => !shown.some((line) => isSameLine(line, text.replace(/^- /, '').slice(0, 60))));
  if (missed.length === 0) return { verdict: 'rejected', notes: [message] };
  return { verdict: 'wrongly rejected', notes: [...missed.map((text) => `not shown: ${text}`), message] };
}

/** We show what the file says, the original what it became: the variables are filled in there. */
function isSameLine(shown: string, text: string): boolean {
  if (shown.includes(text)) return true;
  const parts = shown
    .trim()
    .replace(/^- /, '')
    .split(/\$!?\{[^}]*\}/);
  const [first = '', ...rest] = parts;
  if (rest.length === 0 || !text.startsWith(first)) return false;
  const pattern = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}`).test(text);
}

const toNote = ({ path, ours, theirs }: Difference): string =>
  `${path}: ours ${toText(ours)}, theirs ${toText(theirs)}`;

const toText = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

const versionOf = (source: string): string => /^version: *["']?(\w+)/m.exec(source)?.[1] ?? '';
