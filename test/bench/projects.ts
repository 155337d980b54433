import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Projects to load: how long the second takes beyond the first is how long its file takes. */
export const projects = { 'one line': () => 'version: v2beta1\n', '1,000 lines': thousandLines } as const;

export type ProjectName = keyof typeof projects;

export function writeProjects(folder: string): void {
  for (const [name, text] of Object.entries(projects)) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, 'devspace.yaml'), text());
  }
}

const lineCount = 1000;
const variableCount = 50;

/** 50 variables, every second made of the one before, all of them used in images, deployments and `dev`. */
function thousandLines(): string {
  const variable = (index: number): string => `\${VAR_${index % variableCount}}`;
  const lines = ['version: v2beta1', 'vars:'];
  for (let index = 0; index < variableCount; index += 1) {
    lines.push(`  VAR_${index}:`, `    value: ${index % 2 === 0 ? `v${index}` : `"${variable(index - 1)}-${index}"`}`);
  }
  lines.push('images:');
  for (let index = 0; index < 60; index += 1) {
    lines.push(`  app-${index}:`, `    image: localhost:5000/${variable(index)}/app-${index}`);
    lines.push('    tags:', `      - ${variable(index + 7)}`, `    context: ./app-${index}`);
  }
  lines.push('deployments:');
  for (let index = 0; index < 30; index += 1) {
    lines.push(`  app-${index}:`, '    helm:', '      values:', '        containers:');
    lines.push(`          - image: localhost:5000/${variable(index)}/app-${index}`, '            env:');
    lines.push('              - name: GREETING', `                value: hello ${variable(index + 3)}`);
  }
  lines.push('dev:');
  for (let index = 0; lines.length + 7 <= lineCount; index += 1) {
    lines.push(`  pod-${index}:`, '    labelSelector:', `      app: ${variable(index)}`);
    lines.push('    ports:', `      - port: "${8000 + index}:80"`, '    sync:', `      - path: ./app-${index}:/app`);
  }
  while (lines.length < lineCount) lines.push('# a comment');
  return `${lines.join('\n')}\n`;
}
