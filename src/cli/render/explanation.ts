import type { Explanation } from '../../config/explain.ts';
import { toYaml } from '../../config/to-yaml.ts';

/** Where a value came from, one fact in a line. */
export function renderExplanation(explanation: Explanation): string {
  const { path, writtenPath, value, file, line, column, written, profile, variables, expression } = explanation;
  const facts: [string, string][] = [
    ['place', `${file}:${line}:${column}`],
    ...fact('key', writtenPath === path ? undefined : writtenPath),
    ...fact('profile', profile),
    ...fact('written', written),
    ...fact('command', expression),
    ...variables.map((variable): [string, string] => [
      'variable',
      `${variable.name} = ${variable.value} (${variable.origin})`,
    ]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(
    ([name, text]) => `  ${name.padEnd(width)}  ${text.replaceAll('\n', '\n  '.padEnd(width + 5))}`,
  );
  return `${toYaml({ [path]: value })}${lines.join('\n')}\n`;
}

const fact = (name: string, text: string | undefined): [string, string][] => (text === undefined ? [] : [[name, text]]);
