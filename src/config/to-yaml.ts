import { stringify } from 'yaml';

/**
 * Plain data as YAML that parsers of both YAML 1.1 and 1.2 read alike: words such as `yes` and `0644` are quoted. Long
 * lines stay whole, and nothing becomes an alias.
 */
export function toYaml(data: unknown): string {
  return stringify(data, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
