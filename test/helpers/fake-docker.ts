import type { BuildRequest, DockerClient, EngineImage, PushRequest } from '../../src/docker/client.ts';

export interface FakeDocker {
  readonly docker: DockerClient;
  readonly builds: readonly BuildRequest[];
  readonly pushes: readonly PushRequest[];
}

/** An engine that reads the whole context and remembers what it was asked for. */
export function fakeDocker(more: Partial<DockerClient> = {}): FakeDocker {
  const builds: BuildRequest[] = [];
  const pushes: PushRequest[] = [];
  return {
    builds,
    pushes,
    docker: {
      ping: async () => {},
      hasImage: async (name) => builds.some(({ tags }) => tags.includes(name)),
      listImages: async () => builds.map(toEngineImage),
      deleteImage: async () => 'deleted',
      isPushed: async (name) => pushes.some(({ repository, tag }) => `${repository}:${tag}` === name),
      async build(request) {
        for await (const _ of request.context);
        builds.push(request);
      },
      async push(request) {
        pushes.push(request);
      },
      ...more,
    },
  };
}

const toEngineImage = ({ tags }: BuildRequest, index: number): EngineImage => ({
  id: `sha256:${index}`,
  tags,
  digests: [],
  createdMs: index,
});
