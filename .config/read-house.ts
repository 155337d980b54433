import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

export interface Room {
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
}

/** The table `house` of the layer rule, the single source of who may import whom, in its order. */
export function readHouse(root: string): ReadonlyMap<string, Room> {
  const file = path.join(root, 'test/rules/layers.test.ts');
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  // only the two tables: importing the file would run its tests
  const tables = source.statements.filter(
    (statement): statement is ts.VariableStatement =>
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some(({ name }) => ['engine', 'house'].includes(name.getText())),
  );
  const text = tables.map((statement) => statement.getText()).join('\n');
  const { outputText } = ts.transpileModule(`${text}\nhouse`, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  return new Map(Object.entries(runInNewContext(outputText) as Record<string, Room>));
}
