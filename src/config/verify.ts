import { UserError } from '../core/errors.ts';
import { createRedactor } from '../core/redact.ts';
import { locate, type Problem, toConfigError } from './diagnostics.ts';
import { at, type MappingNode, type Node, toData } from './document/node.ts';
import { toPlace } from './document/source.ts';
import type { Finding } from './finding.ts';
import type { Era } from './variables/era.ts';
import { toExpression } from './variables/expression.ts';
import type { Resolver } from './variables/resolver.ts';
import { findReferences, toText } from './variables/syntax.ts';
import { without } from './versions/data.ts';
import { checkSemantics, checkStrict, upgradeToNewest } from './versions/ladder.ts';
import type { Data } from './versions/version.ts';

export interface Verification {
  readonly version: string;
  readonly era: Era;
  readonly cwd: string;
}

/** Throws when there are errors; then also tells what the strict check finds, so that all mistakes come at once. */
export function failOn(problems: readonly Problem[], root: MappingNode, verification: Verification): void {
  if (problems.some(({ severity }) => severity === 'error')) {
    const more = strictBeforeVariables(root, verification).filter((problem) => !hasSameLine(problem, problems));
    throw toConfigError([...problems, ...more], verification.cwd);
  }
}

/** A variable without a value: mistakes of the file come first, because they are found without asking anything. */
export function withOtherMistakes(error: unknown, root: MappingNode, verification: Verification): unknown {
  if (!(error instanceof UserError) || error.code !== 'CONFIG_VARIABLE') return error;
  const problems = strictBeforeVariables(root, verification).filter(({ severity }) => severity === 'error');
  if (problems.length === 0) return error;
  const config = toConfigError(problems, verification.cwd);
  return new UserError('CONFIG_INVALID', `${config.message}\n\n${error.message}`, { hint: error.hint, cause: error });
}

/** The problems without the values of secret variables. */
export function withoutSecrets(problems: readonly Problem[], resolver: Resolver): Problem[] {
  const secrets = [...resolver.resolved.values()].filter(({ isSecret }) => isSecret).map(({ value }) => toText(value));
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  return problems.map((problem) => ({ ...problem, message: redactor.clean(problem.message) }));
}

/** A document whose variables are filled: its nodes, and the same as plain data. */
export interface FilledDocument {
  readonly root: MappingNode;
  readonly data: Data;
}

export const toFilled = (root: MappingNode): FilledDocument => ({ root, data: toMap(root) });

/** The filled document against the key tree of its version. */
export function strictProblems({ root, data }: FilledDocument, { version, era }: Verification): Problem[] {
  return checkStrict(version, data).map((finding) => locate(explained(finding, root, era), root));
}

/** The document in the newest shape, with what the semantic check says about it. */
export function upgrade(
  { root, data }: FilledDocument,
  { version }: Verification,
): ReturnType<typeof upgradeToNewest> & { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const rest = without(data, 'profiles', 'imports', 'vars');
  const upgraded = upgradeToNewest(version, rest, (finding) => {
    if (finding.concerns !== 'update') problems.push(locate(finding, root));
  });
  for (const finding of checkSemantics(upgraded.model)) {
    problems.push(locate({ ...finding, path: upgraded.origins.toDeclared(finding.path) }, root));
  }
  return { ...upgraded, problems };
}

/** A line with a mistake of the syntax means something else than it says: what follows from it is not told. */
function hasSameLine({ span }: Problem, problems: readonly Problem[]): boolean {
  return problems.some(
    (other) => span && other.span?.source === span.source && toPlace(other.span).line === toPlace(span).line,
  );
}

/** What the strict check says about a document whose variables are not filled: nothing about values that hold one. */
export function strictBeforeVariables(root: MappingNode, { version, era }: Verification): Problem[] {
  return checkStrict(version, toMap(root))
    .filter((finding) => !isOpen(at(root, finding.path), era))
    .map((finding) => locate(finding, root));
}

/** Still holds a variable or a command, so nothing can be said about its value. */
function isOpen(node: Node | undefined, era: Era): boolean {
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return false;
  return findReferences(node.value, era).length > 0 || toExpression(node.value) !== undefined;
}

/** A value of the wrong kind because a variable in it is not defined. */
function explained(finding: Finding, root: MappingNode, era: Era): Finding {
  const node = at(root, finding.path);
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return finding;
  const names = findReferences(node.value, era).filter(({ isEscaped }) => !isEscaped);
  const [first] = names;
  return first ? { ...finding, message: `${finding.message}: the variable ${first.name} is not defined` } : finding;
}

function toMap(root: MappingNode): Data {
  const data = toData(root);
  return typeof data === 'object' && data !== null ? { ...data } : {};
}
