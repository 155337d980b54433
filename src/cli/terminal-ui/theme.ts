import { Chalk } from 'chalk';

export type Level = 'debug' | 'info' | 'done' | 'warn' | 'error' | 'fatal';

/** Colours, or none. */
export interface Theme {
  level(level: Level): string;
  scope(text: string): string;
  faint(text: string): string;
}

export function createTheme(colors: 'on' | 'off'): Theme {
  const chalk = new Chalk({ level: colors === 'on' ? 1 : 0 });
  const paint = {
    debug: chalk.gray,
    info: chalk.cyan,
    done: chalk.green,
    warn: chalk.yellow,
    error: chalk.red,
    fatal: chalk.red.bold,
  };
  return {
    level: (level) => paint[level](level.padEnd(5)),
    scope: (text) => chalk.magenta(text),
    faint: (text) => chalk.gray(text),
  };
}
