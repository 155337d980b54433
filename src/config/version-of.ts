import type { Problem } from './diagnostics.ts';
import { child, type MappingNode } from './document/node.ts';
import { toSuggestion } from './schema/suggestion.ts';

export type VersionCheck = { readonly version: string } | { readonly problem: Problem };

/** The version that the file declares, or what is wrong with it. */
export function versionOf(root: MappingNode, known: readonly string[]): VersionCheck {
  const node = child(root, 'version');
  const newest = known.at(-1) ?? '';
  if (!node || (node.kind === 'scalar' && node.value === null)) {
    const span = root.entries.get('version')?.key ?? { ...root.span, end: root.span.start + 1 };
    const message = looksLikeNamedConfigs(root)
      ? '`version` is missing; this looks like a list of named configurations, which belongs into devspace-configs.yaml'
      : `\`version\` is missing; write \`version: ${newest}\`, or the version the file was written for`;
    return { problem: { severity: 'error', path: ['version'], at: 'key', message, span } };
  }
  const name = node.kind === 'scalar' ? (node.text ?? String(node.value)) : '';
  if (known.includes(name)) return { version: name };
  const problem: Problem = {
    severity: 'error',
    path: ['version'],
    at: 'value',
    message: messageFor(name, node.kind, newest),
    span: node.span,
    allowed: `${known[0]} to ${newest}`,
  };
  const meant = toSuggestion(name, known);
  return { problem: meant === undefined || isNewer(name, newest) ? problem : { ...problem, suggestion: meant } };
}

function looksLikeNamedConfigs(root: MappingNode): boolean {
  const entries = [...root.entries.values()];
  return entries.length > 0 && entries.every(({ value }) => child(value, 'config')?.kind === 'mapping');
}

function messageFor(name: string, kind: string, newest: string): string {
  if (kind !== 'scalar') return `expected the name of a version, found a ${kind === 'sequence' ? 'list' : 'map'}`;
  if (isNewer(name, newest)) return `the version "${name}" is newer than this DevSpace knows; install a newer DevSpace`;
  return `unknown version "${name}"`;
}

/** Compares names such as `v1beta11` and `v2alpha1` as Kubernetes orders API versions. */
function isNewer(name: string, newest: string): boolean {
  const rank = (text: string): number | undefined => {
    const match = /^v(\d{1,3})(?:(alpha|beta)(\d{1,3}))?$/.exec(text);
    if (!match) return undefined;
    const stage = match[2] === 'alpha' ? 0 : match[2] === 'beta' ? 1 : 2;
    return Number(match[1]) * 10_000_000 + stage * 1_000_000 + Number(match[3] ?? 0);
  };
  const [own, other] = [rank(name), rank(newest)];
  return own !== undefined && other !== undefined && own > other;
}
