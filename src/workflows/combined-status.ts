import type { Log } from '../core/log.ts';

/** A log whose scopes are at work at the same time: its status line shows what each of them is at. */
export function combinedStatus(log: Log): Log {
  const current = new Map<string, string>();
  const show = () => {
    const parts = [...current].map(([scope, text]) => `${scope}: ${text}`);
    log.status(parts.length === 0 ? undefined : parts.join(' · '));
  };
  return {
    ...log,
    child(scope) {
      return {
        ...log.child(scope),
        status(message) {
          if (message === undefined) current.delete(scope);
          else current.set(scope, message);
          show();
        },
      };
    },
  };
}
