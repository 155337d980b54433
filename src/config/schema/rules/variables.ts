import type { Finding } from '../../finding.ts';
import { safeVariableName } from '../../versions/names.ts';
import { isMap } from '../check.ts';
import { wrong, wrongKey } from './findings.ts';

/**
 * What the key tree cannot say about variables: their names, and keys that exclude each other. Variables have done their
 * work before the upgrade, so that this looks at the document as its version writes it: a map, or a list of older ones.
 */
export function checkVariables(vars: unknown): Finding[] {
  if (Array.isArray(vars)) return [...checkNames(vars), ...checkDuplicates(vars)];
  if (!isMap(vars)) return [];
  return Object.entries(vars).flatMap(([name, definition]) => [
    ...(safeVariableName.test(name) ? [] : [wrongKey(['vars', name], `\`${name}\` is not a valid name`, allowed)]),
    ...(isMap(definition) && isGiven(definition.value) && isGiven(definition.default)
      ? [wrongKey(['vars', name], '`value` and `default` exclude each other')]
      : []),
  ]);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const allowed = 'letters, digits, dashes and underscores, with a letter or digit at both ends';

function checkNames(vars: readonly unknown[]): Finding[] {
  return vars.flatMap((definition, index) => {
    const name = isMap(definition) ? definition.name : undefined;
    if (typeof name !== 'string' && typeof name !== 'number') return [];
    const isSafe = safeVariableName.test(String(name));
    return isSafe ? [] : [wrong(['vars', index, 'name'], `\`${String(name)}\` is not a valid name`, allowed)];
  });
}

/** The last definition counts; the others are most likely a mistake. */
function checkDuplicates(vars: readonly unknown[]): Finding[] {
  const names = vars.map((definition) => (isMap(definition) ? definition.name : undefined));
  return names.flatMap((name, index) =>
    typeof name === 'string' && names.lastIndexOf(name) !== index
      ? [{ ...wrongKey(['vars', index], `the variable \`${name}\` is defined again below`), severity: 'warning' }]
      : [],
  );
}
