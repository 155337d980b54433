import type { Log } from '../../src/core/log.ts';

export interface RecordingLog extends Log {
  /** `level scope: message`, in the order in which they came. Status lines are left out. */
  readonly lines: readonly string[];
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const scoped = (scope: string): Log => {
    const add = (level: string) => (message: string) => lines.push(`${level} ${scope}${message}`);
    return {
      debug: add('debug'),
      info: add('info'),
      done: add('done'),
      warn: add('warn'),
      error: add('error'),
      status: () => {},
      child: (name) => scoped(`${scope}${name}: `),
    };
  };
  return { ...scoped(''), lines };
}
