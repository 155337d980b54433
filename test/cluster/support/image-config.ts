/** What an image runs, read from its registry (OCI distribution API). */
export interface ImageRunConfig {
  readonly Entrypoint: readonly string[] | null;
  readonly Cmd: readonly string[] | null;
}

export async function imageConfig(image: string): Promise<ImageRunConfig> {
  const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? [];
  const base = `http://${host}/v2/${repository}`;
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = (await (await fetch(`${base}/manifests/${tag}`, { headers: { accept } })).json()) as {
    readonly config: { readonly digest: string };
  };
  const blob = (await (await fetch(`${base}/blobs/${manifest.config.digest}`)).json()) as {
    readonly config: ImageRunConfig;
  };
  return blob.config;
}
