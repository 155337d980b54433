import { DockerfileParser, type ModifiableInstruction, type Instruction as ParsedInstruction } from 'dockerfile-ast';
import { EngineError } from './engine-error.ts';

export interface Instruction {
  readonly keyword: string;
  /** `--from=x` gives `from: x`. */
  readonly flags: Readonly<Record<string, string>>;
  /** What follows the keyword and the flags, on one line, without comments. */
  readonly text: string;
  /** The whole as it is shown in `Step 1/3 : …`. */
  readonly shown: string;
}

const known: Readonly<Record<string, 'none' | 'one' | 'some'>> = {
  ADD: 'some',
  ARG: 'some',
  CMD: 'none',
  COPY: 'some',
  ENTRYPOINT: 'none',
  ENV: 'some',
  EXPOSE: 'some',
  FROM: 'some',
  HEALTHCHECK: 'some',
  LABEL: 'some',
  MAINTAINER: 'one',
  ONBUILD: 'some',
  RUN: 'some',
  SHELL: 'some',
  STOPSIGNAL: 'one',
  USER: 'one',
  VOLUME: 'some',
  WORKDIR: 'one',
};

/** Splits a Dockerfile into instructions; mistakes are `EngineError`s with the words of the Docker Engine. */
export function parseDockerfile(text: string): Instruction[] {
  const instructions = DockerfileParser.parse(text).getInstructions();
  if (instructions.length === 0) throw new EngineError(400, 'failed to parse Dockerfile: file with no instructions');
  const result = instructions.map(toInstruction);
  if (result.find(({ keyword }) => keyword !== 'ARG')?.keyword !== 'FROM') {
    throw new EngineError(400, 'no build stage in current context');
  }
  return result;
}

function toInstruction(parsed: ParsedInstruction): Instruction {
  const keyword = parsed.getKeyword();
  const line = parsed.getRange().start.line + 1;
  const needs = known[keyword];
  if (needs === undefined) throw mistake(line, `unknown instruction: ${keyword}`);
  const flags = hasFlags(parsed) ? parsed.getFlags() : [];
  const text = oneLine(parsed.getRawArgumentsContent() ?? '');
  if (needs === 'some' && text === '') throw mistake(line, `${keyword} requires at least one argument`);
  if (needs === 'one' && text === '') throw mistake(line, `${keyword} requires exactly one argument`);
  const sources = keyword === 'COPY' || keyword === 'ADD';
  if (sources && !text.startsWith('[') && !/\s/.test(text)) {
    throw mistake(
      line,
      `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  }
  if (keyword === 'ONBUILD') throw mistake(line, 'ONBUILD is not part of the embedded engine');
  return {
    keyword,
    text,
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    shown: [keyword, ...flags.map(String), text].join(' ').trim(),
  };
}

function hasFlags(
  parsed: ParsedInstruction,
): parsed is ModifiableInstruction | (ParsedInstruction & ModifiableInstruction) {
  return 'getFlags' in parsed;
}

/** Joins continued lines; comment lines and empty lines between them do not belong to the instruction. */
function oneLine(raw: string): string {
  const lines = raw.split(/\r?\n/).filter((line, index) => index === 0 || !/^\s*(#|$)/.test(line));
  return lines
    .map((line, index) => (index < lines.length - 1 ? line.replace(/[\\`][ \t]*$/, '') : line))
    .join('')
    .trim();
}

function mistake(line: number, words: string): EngineError {
  return new EngineError(400, `dockerfile parse error line ${line}: ${words}`);
}
