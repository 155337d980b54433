import type { Log } from '../core/log.ts';
import type { TargetState } from '../kube/target.ts';
import type { Link } from './create-link.ts';

/** What of a run uses a link: `{ ports: 2, sync: 1 }`. */
export type LinkParts = Readonly<Record<string, number>>;

export interface LinkUse {
  readonly link: Link;
  readonly parts: LinkParts;
}

/** Pure: one line that says what is not connected; `undefined` if all is. */
export function reconnectingText(uses: readonly { readonly state: TargetState; readonly parts: LinkParts }[]) {
  const missing = new Map<string, number>();
  const lost = uses.filter(({ state }) => state.kind !== 'linked');
  for (const { parts } of lost) {
    for (const [part, count] of Object.entries(parts)) {
      if (count > 0) missing.set(part, (missing.get(part) ?? 0) + count);
    }
  }
  if (missing.size === 0) return undefined;
  const words = [...missing].map(([part, count]) => `${part} ${count}`).join(', ');
  const why = lost.map(({ state }) => (state.kind === 'linked' ? '' : state.why)).find(Boolean);
  return `reconnecting: ${words}${why === undefined ? '' : ` (${why})`}`;
}

/** Keeps the status line true from now on: nothing while all is connected. Returns what ends that. */
export function showReconnecting(uses: readonly LinkUse[], log: Log): () => void {
  let shown: string | undefined;
  const show = () => {
    const text = reconnectingText(uses.map(({ link, parts }) => ({ state: link.state, parts })));
    if (text === shown) return;
    if (text === undefined) log.done('connected again');
    log.status(text);
    shown = text;
  };
  const ends = [...new Set(uses.map(({ link }) => link))].map((link) => link.subscribe(show));
  return () => {
    for (const end of ends) end();
  };
}
