import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import { errorAt, type Problem, warningAt } from '../diagnostics.ts';
import { addTo, type Composition, finish, positionIn, startCollection } from './collection.ts';
import { asWritten, indentOpenFlow, type LooseText } from './loose-flow.ts';
import { type Node, scalar, withSpans } from './node.ts';
import { toPlainValue } from './plain-scalar.ts';
import type { Source, Span } from './source.ts';
import { syntaxMessage } from './syntax-message.ts';

export interface Parsed {
  /** Absent when the text has no value at all, or when it cannot be read as YAML. */
  readonly root?: Node;
  readonly problems: readonly Problem[];
}

/**
 * Reads YAML into nodes that know their places. All mistakes of the structure are collected; a mistake of the syntax
 * ends the reading. Of several documents the first one with content counts, as in the original.
 *
 * Memory is bounded: at most 100 levels, and aliases may repeat at most 200,000 values in all.
 */
export function parseYaml(source: Source): Parsed {
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(source.text);
  if (control) {
    const span = { source, start: control.index, end: control.index + 1 };
    const what =
      control[0] === '\u0000'
        ? 'this is not a text file'
        : 'a control character stands here, which YAML does not allow';
    return { problems: [errorAt(span, [], what)] };
  }
  const attempts = Math.min(maxLooseFlows, Math.ceil(maxLooseCharacters / (source.text.length + 1)));
  return parseLoose(source, asWritten(source.text), attempts);
}

/** Tries again with lines indented where only the indentation within brackets or quotes is wrong. */
function parseLoose(source: Source, loose: LooseText, attempts: number): Parsed {
  try {
    const events = parseEvents(loose.text, { maxDepth });
    if (loose.text === source.text) return compose(source, events);
    return moved(compose({ ...source, text: loose.text }, events), source, loose);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const start = Math.min(error.mark?.position ?? 0, loose.text.length);
    const isIndentation = /deficient indentation|tab characters/.test(error.reason);
    const next = isIndentation && attempts > 0 ? indentOpenFlow(source.text, loose, start) : undefined;
    if (next) return parseLoose(source, next, attempts - 1);
    const { message, offset } = syntaxMessage(error.reason, source.text, loose.toOriginal(start));
    return { problems: [errorAt({ source, start: offset, end: offset + 1 }, [], message)] };
  }
}

const maxDepth = 100;
const maxRepeated = 200_000;
const maxLooseFlows = 500;
const maxLooseCharacters = 5_000_000;

function compose(source: Source, events: readonly Event[]): Parsed {
  const problems: Problem[] = [];
  const documents: Node[] = [];
  const open: Composition[] = [];
  const anchors = new Map<string, { node?: Node; size: number }>();
  let repeated = 0;
  let lastEnd = 0;

  const report = (problem: Problem): void => void problems.push(problem);
  const context = { source, report, path: () => open.map(positionIn) };
  const take = (node: Node, size: number): void => {
    const parent = open.at(-1);
    if (parent) addTo(parent, node, size, context);
    else documents.push(node);
  };
  const close = (): void => {
    const done = open.pop();
    if (!done) {
      anchors.clear();
      return;
    }
    const node = finish(done, lastEnd, context);
    if (done.anchor !== undefined) anchors.set(done.anchor, { node, size: done.size });
    take(node, done.size);
  };

  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      close();
    } else if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      const anchor = anchorOf(event, source);
      if (anchor !== undefined) anchors.set(anchor, { size: 1 });
      open.push(startCollection(event, anchor));
    } else if (event.type === EVENT_ID.SCALAR) {
      const node = toScalar(event, source, lastEnd, report);
      lastEnd = Math.max(lastEnd, node.span.end);
      const anchor = anchorOf(event, source);
      if (anchor !== undefined) anchors.set(anchor, { node, size: 1 });
      take(node, 1);
    } else if (event.type === EVENT_ID.ALIAS) {
      const span: Span = { source, start: event.anchorStart - 1, end: event.anchorEnd };
      lastEnd = Math.max(lastEnd, event.anchorEnd);
      const name = source.text.slice(event.anchorStart, event.anchorEnd);
      const target = anchors.get(name);
      repeated += target?.size ?? 0;
      const path = context.path();
      if (repeated > maxRepeated) {
        problems.push(errorAt(span, path, `aliases repeat more than ${maxRepeated} values`));
        return { problems };
      }
      if (!target?.node) {
        const why = target ? `contains itself through the alias *${name}` : `the anchor &${name} is not defined above`;
        problems.push(errorAt(span, path, why));
      }
      take(target?.node ?? scalar(null, span), target?.size ?? 1);
    }
  }
  return toDocument(documents, problems);
}

function toDocument(documents: readonly Node[], problems: Problem[]): Parsed {
  const filled = documents.filter((node) => node.kind !== 'scalar' || node.value !== null);
  const [root, second] = filled;
  if (second) {
    problems.push(warningAt(second.span, [], 'only the first YAML document of the file is used; this one is ignored'));
  }
  return root ? { root, problems } : { problems };
}

function toScalar(event: ScalarEvent, source: Source, lastEnd: number, report: (problem: Problem) => void): Node {
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const quote = isQuoted ? 1 : 0;
  const tag = event.tagStart === -1 ? '' : source.text.slice(event.tagStart, event.tagEnd);
  const span: Span =
    event.valueStart === -1
      ? emptySpan(event, source, lastEnd)
      : { source, start: event.valueStart - quote, end: Math.min(event.valueEnd + quote, source.text.length) };
  const text = getScalarValue(source.text, event);
  if (tag !== '' && !tag.startsWith('!!')) {
    report(warningAt({ ...span, start: event.tagStart, end: event.tagEnd }, [], tagWarning(tag)));
    return scalar(text, span);
  }
  if (tag === '!!str' || tag === '!!binary' || (tag === '' && event.style !== SCALAR_STYLE.PLAIN))
    return scalar(text, span);
  const value = toPlainValue(text);
  return typeof value === 'string' ? scalar(value, span) : { kind: 'scalar', value, text, span };
}

function emptySpan({ tagStart, tagEnd, anchorEnd }: ScalarEvent, source: Source, lastEnd: number): Span {
  const end = Math.max(tagEnd, anchorEnd, afterColon(source.text, lastEnd));
  return { source, start: tagStart === -1 ? end : tagStart, end };
}

function tagWarning(tag: string): string {
  return `YAML takes ${tag} for a tag, not for text: put the value into quotes`;
}

function afterColon(text: string, offset: number): number {
  const match = /^[ \t]*[:,-]?/.exec(text.slice(offset, offset + 200));
  return Math.min(offset + (match?.[0].length ?? 0), text.length);
}

function anchorOf(
  event: { readonly anchorStart: number; readonly anchorEnd: number },
  source: Source,
): string | undefined {
  return event.anchorStart === -1 ? undefined : source.text.slice(event.anchorStart, event.anchorEnd);
}

/** Everything points at the text as it was written. */
function moved({ root, problems }: Parsed, source: Source, { toOriginal }: LooseText): Parsed {
  const toSpan = ({ start, end }: Span): Span => ({ source, start: toOriginal(start), end: toOriginal(end) });
  return {
    ...(root ? { root: withSpans(root, toSpan, new Map()) } : {}),
    problems: problems.map((problem) => (problem.span ? { ...problem, span: toSpan(problem.span) } : problem)),
  };
}
