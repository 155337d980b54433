import { UserError } from '../../core/errors.ts';
import { fromData, type Node, type ScalarNode, toData } from '../document/node.ts';
import { parseYaml } from '../document/parse.ts';
import { placeText } from '../document/source.ts';
import { runShell } from './shell.ts';
import { toBoolean } from './syntax.ts';

/** A value that is one command: `$(command)`, with `#` untrimmed, with `!` always text, `$$(…)` stands for itself. */
export interface Expression {
  readonly command: string;
  readonly isEscaped: boolean;
  readonly isText: boolean;
  readonly isUntrimmed: boolean;
}

export interface ExpressionContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Whether the value ends up in a pod, where `$(NAME)` is also how Kubernetes writes a variable of the container. */
  readonly isForPod?: boolean;
}

export function toExpression(text: string): Expression | undefined {
  const match = /^\$(\$?)(#?)(!?)\((.+)\)$/s.exec(text);
  if (!match) return undefined;
  return {
    command: match[4] ?? '',
    isEscaped: match[1] === '$',
    isUntrimmed: match[2] === '#',
    isText: match[3] === '!',
  };
}

/**
 * Runs the expression of a value. Exit code 1 without any output is `false`, success without output is `true`, and other
 * output becomes a Boolean, a number, nothing, a map or a list when it reads like one. What is Kubernetes' own reference
 * to a variable of the container stays as it stands.
 */
export async function evaluate(node: ScalarNode, expression: Expression, context: ExpressionContext): Promise<Node> {
  if (expression.isEscaped) return { ...node, value: String(node.value).slice(1) };
  const { cwd, env, signal } = context;
  const result = await runShell({ line: expression.command, cwd, env, signal });
  const via = { ...node.via, expression: expression.command };
  if (result.exitCode !== 0) {
    if (result.exitCode === 1 && result.stdout.trim() === '' && result.stderr.trim() === '') {
      return { ...node, value: false, via };
    }
    if (context.isForPod && isVariableOfContainer(expression.command, result.exitCode)) return node;
    throw failed(node, expression, result.failure ?? (result.stderr.trim() || `exit code ${result.exitCode}`));
  }
  const output = expression.isUntrimmed ? result.stdout : result.stdout.trim();
  if (expression.isText) return { ...node, value: output, via };
  return typedNode(output === '' ? 'true' : output, { ...node, via });
}

/** The name of a variable and no program here: `args: [--password, $(REDIS_PASSWORD)]`. */
function isVariableOfContainer(command: string, exitCode: number): boolean {
  return exitCode === commandNotFound && /^[A-Z_][A-Z0-9_]*$/.test(command);
}

/** By the rules of POSIX for shells. */
const commandNotFound = 127;

function typedNode(output: string, node: ScalarNode): Node {
  const simple =
    toBoolean(output) ??
    (/^[-+]?\d+$/.test(output) && Number.isSafeInteger(Number(output)) ? Number(output) : undefined);
  if (simple !== undefined) return { ...node, value: simple };
  if (output === 'null' || output === 'undefined') return { ...node, value: null };
  const { root, problems } = parseYaml({ path: 'expression', text: output });
  const isCollection = root && root.kind !== 'scalar' && problems.length === 0;
  if (!isCollection) return { ...node, value: output };
  return { ...fromData(toData(root), node.span), ...(node.via ? { via: node.via } : {}) };
}

function failed(node: ScalarNode, expression: Expression, why: string): UserError {
  const message = `${placeText(node.span)}: the command \`${expression.command}\` failed: ${why}`;
  return new UserError('CONFIG_VARIABLE', message, { hint: 'Run the command by itself to see what it says.' });
}
