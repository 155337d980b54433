import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { type Header, pack } from 'tar-stream';
import { createEngineFaults, type EngineHandle, startEngine } from '../../src/embedded/engine/engine-server.ts';
import type { EngineFaults } from '../../src/embedded/faults/faults.ts';
import { type ImageStore, openImageStore } from '../../src/embedded/images/image-store.ts';
import { openSandboxHost } from '../../src/embedded/sandbox/host.ts';
import { removeFolder } from '../../src/embedded/sandbox/remove-folder.ts';
import type { SandboxHost } from '../../src/embedded/sandbox/sandbox.ts';
import { textOf } from './sandbox-bench.ts';

export interface EngineBench {
  readonly folder: string;
  readonly store: ImageStore;
  readonly sandbox: SandboxHost;
  readonly engine: EngineHandle;
  readonly docker: Docker;
  readonly faults: EngineFaults;
  /** Builds and answers with all messages of the stream. */
  build(files: BuildFiles, options?: Docker.ImageBuildOptions): Promise<BuildLog>;
  close(): Promise<void>;
}

/** Contents by name; a header adds links and permissions. */
export type BuildFiles = Readonly<Record<string, string | Buffer | { header: Partial<Header>; content?: string }>>;

interface BuildLog {
  readonly messages: readonly Record<string, unknown>[];
  /** All `stream` texts. */
  readonly text: string;
  readonly error: string | undefined;
  readonly id: string | undefined;
}

export async function openEngineBench(): Promise<EngineBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
  const sandbox = await openSandboxHost({ folder });
  const store = await openImageStore(folder);
  const socketPath = path.join(folder, 'e.sock');
  const faults = createEngineFaults();
  const engine = startEngine({ folder, store, sandbox, listen: { socketPath }, environment: {}, faults });
  await engine.ready;
  const docker = new Docker({ socketPath });
  return {
    folder,
    store,
    sandbox,
    engine,
    docker,
    faults,
    async build(files, options = {}) {
      return toLog(await textOf((await docker.buildImage(toTar(files), options)) as Readable));
    },
    async close() {
      await engine.close();
      await sandbox.close();
      await removeFolder(folder);
    },
  };
}

export function toTar(files: BuildFiles): Readable {
  const archive = pack();
  for (const [name, value] of Object.entries(files)) {
    if (typeof value === 'string' || Buffer.isBuffer(value)) archive.entry({ name }, value);
    else archive.entry({ name, ...value.header }, value.content ?? '');
  }
  archive.finalize();
  return Readable.from(archive);
}

function toLog(lines: string): BuildLog {
  const messages = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const text = messages.map(({ stream }) => (typeof stream === 'string' ? stream : '')).join('');
  const error = messages.map((message) => message.error).find((words): words is string => typeof words === 'string');
  const aux = messages.map((message) => message.aux as { ID?: string } | undefined).findLast((entry) => entry?.ID);
  return { messages, text, error, id: aux?.ID };
}
