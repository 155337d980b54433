import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseYamlDocuments, YamlSyntaxError } from '../config/yaml-documents.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import { errorText, UserError } from '../core/errors.ts';
import { isMap } from './merge-values.ts';
import type { ChartValues } from './planned-deployment.ts';

interface ValuesFile {
  /** Absolute or relative to the project. */
  readonly file: string;
  /** Name of the deployment. */
  readonly name: string;
  /** Under which a mistake is told. */
  readonly code: ErrorCode;
}

/** The values of a file, none if it is empty. Throws the code with file, line and column. */
export function readValues({ file, name, code }: ValuesFile, projectRoot: string): ChartValues {
  let document: unknown;
  try {
    [document] = parseYamlDocuments(readFileSync(path.resolve(projectRoot, file), 'utf8'));
  } catch (error) {
    const place = error instanceof YamlSyntaxError ? `:${error.line}:${error.column}` : '';
    throw new UserError(code, `Deployment ${name}: ${file}${place} cannot be read: ${errorText(error)}`, {
      cause: error,
    });
  }
  if (document === undefined) return {};
  if (isMap(document)) return document;
  throw new UserError(code, `Deployment ${name}: ${file} holds no map of values`);
}
