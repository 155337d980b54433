import Docker from 'dockerode';

/** What an image runs. */
export interface ImageRunConfig {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
}

/** Read from the registry where one listens (OCI distribution API), else from the engine that took the push. */
export async function imageConfig(image: string): Promise<ImageRunConfig> {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? [];
  const base = `http://${host}/v2/${repository}`;
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  const answer = await fetch(`${base}/manifests/${tag}`, { headers: { accept } }).catch(() => undefined);
  if (!answer?.ok) return engineConfig(image);
  const manifest = (await answer.json()) as { readonly config: { readonly digest: string } };
  const blob = (await (await fetch(`${base}/blobs/${manifest.config.digest}`)).json()) as {
    readonly config: ImageRunConfig;
  };
  return blob.config;
}

async function engineConfig(image: string): Promise<ImageRunConfig> {
  const { Config } = await new Docker().getImage(image).inspect();
  return { Entrypoint: Config.Entrypoint as readonly string[] | null, Cmd: Config.Cmd };
}
