import { boolYaml11Tag, CORE_SCHEMA, intYaml11Tag, loadAll, mergeTag, NOT_RESOLVED, YAMLException } from 'js-yaml';

/**
 * YAML as Kubernetes' own tools read manifests (sigs.k8s.io/yaml): octal `0644` and the words yes, no, on, off of
 * YAML 1.1, but no dates and no sexagesimal numbers such as `22:22`.
 */
const manifestSchema = CORE_SCHEMA.withTags([
  {
    ...intYaml11Tag,
    resolve: (source, ...rest) => (source.includes(':') ? NOT_RESOLVED : intYaml11Tag.resolve(source, ...rest)),
  },
  boolYaml11Tag,
  mergeTag,
]);

/** A text that is not YAML; line and column count from 1. */
export class YamlSyntaxError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, position: { readonly line: number; readonly column: number }) {
    super(message);
    this.line = position.line;
    this.column = position.column;
  }
}

/** The documents of a manifest file, without empty ones. Throws `YamlSyntaxError`. */
export function parseYamlDocuments(text: string): unknown[] {
  try {
    const documents: unknown[] = loadAll(text.replace(/^\uFEFF/, ''), { schema: manifestSchema });
    return documents.filter((document) => document !== null && document !== undefined);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    throw new YamlSyntaxError(error.reason, { line: line + 1, column: column + 1 });
  }
}
