import type { IncomingMessage } from 'node:http';
import { release } from 'node:os';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BuildTools, buildImage } from './build-image.ts';
import { isSet, networkEnvironment, toBuildRequest } from './build-request.ts';
import { imageRoutes } from './image-routes.ts';
import { type Call, openStream, type Route, sendJson } from './route.ts';

export interface RouteOptions extends BuildTools {
  /** The environment of this process. */
  readonly environment: NodeJS.ProcessEnv;
}

/** What the engine answers (Docker Engine API 1.41); everything else is `404 page not found`. */
export function engineRoutes(options: RouteOptions): readonly Route[] {
  const arch = { x64: 'amd64' }[process.arch as 'x64'] ?? process.arch;
  const version = {
    Platform: { Name: 'devspace embedded' },
    Version: '20.10.0-devspace',
    ApiVersion: '1.41',
    MinAPIVersion: '1.24',
    Os: 'linux',
    Arch: arch,
    KernelVersion: release(),
    Components: [],
  };
  const containers = () => ({ Containers: 0, ContainersRunning: 0, ContainersPaused: 0, ContainersStopped: 0 });
  return [
    // `Builder-Version: 1` tells clients to use the classic builder
    {
      method: 'GET',
      path: /^\/_ping$/,
      handle: ({ response }) => void response.setHeader('Builder-Version', '1').end('OK'),
    },
    { method: 'GET', path: /^\/version$/, handle: ({ response }) => sendJson(response, version) },
    {
      method: 'GET',
      path: /^\/info$/,
      handle: ({ response }) =>
        sendJson(response, {
          ...containers(),
          ID: 'devspace-embedded',
          Name: 'devspace-embedded',
          Images: options.store.list().length,
          Driver: 'overlay',
          OSType: 'linux',
          OperatingSystem: 'devspace embedded',
          Architecture: arch,
          ServerVersion: version.Version,
          IndexServerAddress: 'https://index.docker.io/v1/',
        }),
    },
    { method: 'GET', path: /^\/containers\/json$/, handle: ({ response }) => sendJson(response, []) },
    {
      method: 'POST',
      path: /^\/auth$/,
      handle: async ({ request, response }) => {
        await readBody(request);
        sendJson(response, { IdentityToken: '', Status: 'Login Succeeded' });
      },
    },
    { method: 'POST', path: /^\/build$/, handle: (call) => build(options, call) },
    {
      method: 'POST',
      path: /^\/build\/prune$/,
      handle: async ({ response }) => {
        await options.store.prune();
        sendJson(response, { CachesDeleted: [], SpaceReclaimed: 0 });
      },
    },
    ...imageRoutes(options.store),
  ];
}

async function build(options: RouteOptions, { request, response, query, signal }: Call): Promise<void> {
  const buildRequest = toBuildRequest(query, networkEnvironment(options.environment));
  const send = openStream(response);
  const quiet = isSet(query.get('q'));
  const id = await buildImage(options, {
    request: buildRequest,
    context: request,
    emit: quiet ? () => {} : send,
    signal,
  });
  if (quiet) send({ stream: `${id}\n` });
  response.end();
}

function readBody(request: IncomingMessage): Promise<void> {
  return pipeline(request, new Writable({ write: (_chunk, _encoding, done) => done() }));
}
