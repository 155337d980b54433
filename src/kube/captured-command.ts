import { buffer } from 'node:stream/consumers';
import type { KubeClient } from './client.ts';
import type { ContainerRef } from './objects.ts';

export interface CapturedCommand {
  readonly code: number;
  /** What it printed, stdout before stderr. */
  readonly output: string;
}

/** Runs a command without input in the container, to its end. Rejects with `KUBE_STREAM` if the connection breaks. */
export async function captureCommand(
  kube: KubeClient,
  container: ContainerRef,
  { command, signal }: { readonly command: readonly string[]; readonly signal: AbortSignal },
): Promise<CapturedCommand> {
  const session = await kube.exec(container, { command, terminal: 'none', stdin: 'none', signal });
  try {
    const outputs = [buffer(session.stdout), session.stderr ? buffer(session.stderr) : undefined];
    const [code, ...texts] = await Promise.all([session.exit, ...outputs]);
    return { code, output: texts.map((text) => text?.toString() ?? '').join('') };
  } finally {
    session.close();
  }
}
