import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type Docker from 'dockerode';
import { UserError } from '../core/errors.ts';
import { type BuildSession, newSessionId, serveBuildSession, sessionHeaders } from './build-session.ts';
import { BuildTrace, keepLine, type StepOutput } from './build-trace.ts';
import type { BuildRequest } from './client.ts';
import { spaceHint, statusOf } from './errors.ts';
import { type EngineMessage, readMessages } from './progress.ts';
import { type Builder, selectBuilder } from './select-builder.ts';

/** Waits for an answer of the engine; what fails is a `UserError`, an abort the reason of the signal. */
export type Reachable = <T>(promise: Promise<T>, signal: AbortSignal) => Promise<T>;

export interface BuildEngine {
  readonly docker: Docker;
  readonly reachable: Reachable;
  /** What builds if the engine has it; the engine's own choice without it. */
  readonly builder: Builder | undefined;
}

/** Builds with BuildKit or the classic builder, whichever is right here, and gives the image its first tag. */
export async function buildInEngine(request: BuildRequest, engine: BuildEngine): Promise<void> {
  const { signal } = request;
  request.context.on('error', () => {});
  const answer = (await dial(engine, { path: '/_ping', method: 'GET' }, signal)) as IncomingMessage;
  answer.resume();
  const builderVersion = answer.headers['builder-version']?.toString();
  const builder = selectBuilder({ wish: engine.builder, builderVersion, network: request.network });
  const session = builder === 'BuildKit' ? await openSession(request, engine) : undefined;
  if (!session) return buildClassic(request, engine);
  try {
    await buildWithBuildKit(request, session.id, engine);
  } catch (error) {
    throw signal.aborted ? error : (session.failure ?? error);
  } finally {
    session.close();
  }
}

/** `undefined` if the engine knows no sessions and so no BuildKit. */
async function openSession(
  request: BuildRequest,
  engine: BuildEngine,
): Promise<(BuildSession & { readonly id: string }) | undefined> {
  const id = newSessionId();
  const options = { path: '/session', method: 'POST', hijack: true, headers: sessionHeaders(id) };
  try {
    const socket = await dial(engine, options, request.signal);
    const session = serveBuildSession(socket as Duplex, (registry) => request.findLogin(registry));
    return Object.assign(session, { id });
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  }
}

async function buildWithBuildKit(request: BuildRequest, session: string, engine: BuildEngine): Promise<void> {
  const trace = new BuildTrace(request);
  const answer = await send(request, { version: '2', session }, engine);
  await readMessages(answer, request.signal, (message) => {
    if (message.id === 'moby.buildkit.trace' && typeof message.aux === 'string')
      trace.read(Buffer.from(message.aux, 'base64'));
    if (message.error !== undefined) throw buildError(message.error, trace.failed());
  });
}

async function buildClassic(request: BuildRequest, engine: BuildEngine): Promise<void> {
  const answer = await send(request, {}, engine);
  let instruction: { readonly step: string; readonly lines: string[] } | undefined;
  await readMessages(answer, request.signal, (message: EngineMessage) => {
    const text = (message.stream ?? message.status ?? '').trimEnd();
    if (message.error !== undefined) throw buildError(message.error, instruction);
    if (text === '') return;
    if (/^Step \d+\/\d+ : /.test(text)) {
      instruction = { step: text, lines: [] };
      return request.onStep(text);
    }
    for (const line of printedLines(text)) keepLine(instruction?.lines ?? [], line);
    request.onOutput(text);
  });
}

/** What an instruction printed: no colours, and not what the classic builder says about its containers. */
function printedLines(text: string): string[] {
  const lines = stripVTControlCharacters(text).split('\n');
  return lines.filter((line) => line.trim() !== '' && !/^( ---> |Removing intermediate container )/.test(line));
}

function buildError(words: string, failed: StepOutput | undefined): UserError {
  const at = failed === undefined ? '' : ` at ${failed.step}`;
  const lines = [`The build failed${at}: ${words.trim()}`, ...(failed?.lines ?? []).map((line) => `  ${line}`)];
  return new UserError('BUILD_FAILED', lines.join('\n'), spaceHint(words));
}

async function send(request: BuildRequest, more: object, engine: BuildEngine): Promise<Readable> {
  const options = {
    t: request.tags[0] ?? '',
    dockerfile: request.dockerfile,
    buildargs: { ...request.buildArgs },
    forcerm: true,
    rm: true,
    ...(request.target === undefined ? {} : { target: request.target }),
    ...(request.network === undefined ? {} : { networkmode: request.network }),
    ...more,
  };
  const call = { path: '/build?', method: 'POST', file: request.context, options, abortSignal: request.signal };
  return (await dial(engine, call, request.signal)) as Readable;
}

type Call = Parameters<Docker['modem']['dial']>[0];

/** The library's own methods hide the headers of a ping, and open a session that serves one registry only. */
function dial({ docker, reachable }: BuildEngine, call: Call, signal: AbortSignal): Promise<unknown> {
  const options = { isStream: true, statusCodes: { 200: true }, ...call };
  return reachable(
    new Promise((resolve, reject) => {
      docker.modem.dial(options, (error, result) => (error ? reject(error) : resolve(result)));
    }),
    signal,
  );
}
