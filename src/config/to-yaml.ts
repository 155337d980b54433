import { Document, Scalar, type ToStringOptions, visit } from 'yaml';

/**
 * Plain data as YAML that parsers of both YAML 1.1 and 1.2 read alike: words such as `yes` and `0644`, and port mappings
 * such as `8080:80`, which YAML 1.1 may take for a number of base 60, are quoted. Long lines stay whole, and nothing
 * becomes an alias.
 */
export function toYaml(data: unknown, style: ToStringOptions = {}): string {
  return writeYaml(toDocument(data), style);
}

/** The same in two steps, for who adds comments to the nodes. */
export function toDocument(data: unknown): Document {
  const document = new Document(data, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (isBase60Like(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document;
}

export function writeYaml(document: Document, style: ToStringOptions = {}): string {
  return document.toString({ lineWidth: 0, ...style });
}

function isBase60Like(value: unknown): boolean {
  return typeof value === 'string' && /^[-+]?\d[\d_]*(:\d+)+$/.test(value);
}
