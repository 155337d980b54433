import { Chalk } from 'chalk';

export type Level = 'debug' | 'info' | 'done' | 'warn' | 'error' | 'fatal';

/** Colours, or none. */
export interface Theme {
  level(level: Level): string;
  scope(text: string): string;
  faint(text: string): string;
  /** In a colour that is always the same for one name. */
  name(text: string): string;
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
  const names = [
    chalk.cyan,
    chalk.yellow,
    chalk.green,
    chalk.magenta,
    chalk.blue,
    chalk.cyanBright,
    chalk.yellowBright,
    chalk.greenBright,
    chalk.magentaBright,
    chalk.blueBright,
  ];
  return {
    level: (level) => paint[level](level.padEnd(5)),
    scope: (text) => chalk.magenta(text),
    faint: (text) => chalk.gray(text),
    name: (text) => names[sumOf(text) % names.length]?.(text) ?? text,
  };
}

/** Pure: a number that differs for names that differ in one letter, as those of pods do. */
const sumOf = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 0);
