import path from 'node:path';
import type { ImageConfig } from '../images/image.ts';
import type { Instruction } from './dockerfile.ts';
import { EngineError } from './engine-error.ts';
import { absoluteIn, envOf, type Stage, stageVariables } from './stage.ts';
import { expand, splitWords, toJsonStrings, toPairs, unquote } from './words.ts';

/** Carries out an instruction that changes only the configuration. */
export function applyConfigStep(stage: Stage, instruction: Instruction): void {
  const { keyword } = instruction;
  if (keyword === 'CMD') stage.cmd = 'own';
  stage.config = { ...stage.config, ...toChange(stage, instruction) };
}

function toChange(stage: Stage, { keyword, text }: Instruction): Partial<ImageConfig> {
  const { config } = stage;
  const expanded = expand(text, stageVariables(stage));
  const words = () => toJsonStrings(expanded) ?? splitWords(expanded).map(unquote);
  const command = () => toJsonStrings(text) ?? (text === '' ? [] : [...shellOf(config), text]);
  switch (keyword) {
    case 'ENV': {
      const env = { ...envOf(config), ...Object.fromEntries(toPairs(expanded)) };
      return { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) };
    }
    case 'LABEL':
      return { Labels: { ...config.Labels, ...Object.fromEntries(toPairs(expanded)) } };
    case 'WORKDIR':
      return { WorkingDir: path.posix.normalize(absoluteIn(stage, unquote(expanded))) };
    case 'USER':
      return { User: unquote(expanded) };
    case 'CMD':
      return { Cmd: command() };
    case 'ENTRYPOINT':
      return { Entrypoint: command(), ...(stage.cmd === 'own' ? {} : { Cmd: null }) };
    case 'EXPOSE':
      return { ExposedPorts: { ...config.ExposedPorts, ...toKeys(words().flatMap(toPorts)) } };
    case 'VOLUME':
      return { Volumes: { ...config.Volumes, ...toKeys(words()) } };
    case 'STOPSIGNAL':
      return { StopSignal: unquote(expanded) };
    case 'SHELL': {
      const shell = toJsonStrings(text);
      if (!shell || shell.length === 0) throw new EngineError(400, 'SHELL requires the arguments to be in JSON form');
      return { Shell: shell };
    }
    case 'HEALTHCHECK':
      return { Healthcheck: { Test: toHealthTest(text) } };
    default:
      return {};
  }
}

export function shellOf(config: ImageConfig): readonly string[] {
  return config.Shell ?? ['/bin/sh', '-c'];
}

function toKeys(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function toPorts(word: string): string[] {
  const match = /^(?<from>\d{1,5})(?:-(?<to>\d{1,5}))?(?:\/(?<protocol>tcp|udp|sctp))?$/i.exec(word);
  if (!match?.groups) throw new EngineError(400, `Invalid containerPort: ${word}`);
  const { from = '', to = from, protocol = 'tcp' } = match.groups;
  const count = Number(to) - Number(from) + 1;
  if (count < 1 || Number(to) > 65535) throw new EngineError(400, `Invalid containerPort: ${word}`);
  return Array.from({ length: count }, (_, index) => `${Number(from) + index}/${protocol.toLowerCase()}`);
}

function toHealthTest(text: string): string[] {
  if (/^NONE$/i.test(text)) return ['NONE'];
  const command = text.replace(/^CMD\s+/i, '');
  const exec = toJsonStrings(command);
  return exec ? ['CMD', ...exec] : ['CMD-SHELL', command];
}
