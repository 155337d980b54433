/** The repository of an image name without tag and digest, as Docker compares it: `docker.io/library` is implied. */
export function repositoryOf(image: string): string {
  const withoutDigest = image.split('@')[0] ?? image;
  const colon = withoutDigest.lastIndexOf(':');
  const repository = colon > withoutDigest.lastIndexOf('/') ? withoutDigest.slice(0, colon) : withoutDigest;
  return repository.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}
