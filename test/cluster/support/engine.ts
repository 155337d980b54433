import Docker from 'dockerode';

const version = (await new Docker().version()) as { readonly Platform?: { readonly Name?: string } };

/** The embedded engine has only the classic builder, and keeps what is pushed itself: see `docs/embedded.md`. */
export const isEmbeddedEngine = version.Platform?.Name === 'devspace embedded';
