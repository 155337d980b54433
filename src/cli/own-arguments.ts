import { globalOptions } from './global-options.ts';

/**
 * Everything after `run NAME` belongs to that command, flags too, as in the original: a `--` before it tells the parser
 * so. Other command lines stay as they are. `spec-config.md` 12.2 of the reference.
 */
export function separateOwnArguments(argv: readonly string[]): readonly string[] {
  const command = nextWord(argv, 0);
  if (picking.has(argv[command] ?? '')) return withPick(argv, command);
  if (argv[command] !== 'run') return argv;
  const name = nextWord(argv, command + 1);
  return name >= argv.length ? argv : [...argv.slice(0, name), '--', ...argv.slice(name)];
}

/** The commands of which `-p` was the short form of `--pick` before it became the one of `--profile`. */
const picking: ReadonlySet<string> = new Set(['enter', 'logs', 'sync', 'attach']);

/** `-p` that no name follows can only mean `--pick`. */
function withPick(argv: readonly string[], command: number): readonly string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const isPick = (word: string, index: number) =>
    word === '-p' && index > command && index < end && (index + 1 === end || argv[index + 1]?.startsWith('-') === true);
  return argv.map((word, index) => (isPick(word, index) ? '--pick' : word));
}

/** The position of the next word that is neither a flag nor the value of one. */
function nextWord(argv: readonly string[], start: number): number {
  let index = start;
  while (index < argv.length) {
    const word = argv[index] ?? '';
    if (word === '--') return argv.length;
    if (!word.startsWith('-')) return index;
    index += flagsWithValue.has(word) ? 2 : 1;
  }
  return index;
}

const flagsWithValue: ReadonlySet<string> = new Set(
  globalOptions
    .filter(({ flags }) => flags.includes('<'))
    .flatMap(({ flags }) => flags.split(/[ ,]+/).filter((word) => word.startsWith('-'))),
);
