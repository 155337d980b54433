import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { type BaseOptions, makeBase } from './base.ts';
import type { HostContext } from './context.ts';
import { createPod } from './pod.ts';
import { removeFolder } from './remove-folder.ts';
import type { PodSandbox, SandboxHost } from './sandbox.ts';

/**
 * Prepares the state folder and removes what an earlier process left there. Only one host may use a folder at a time.
 * Does not check whether this machine can do it: `probeSandbox` says that.
 */
export async function openSandboxHost(options: BaseOptions): Promise<SandboxHost> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(options.folder);
  await removeFolder(path.join(folder, 'pods'));
  await mkdir(path.join(folder, 'pods'));
  const base = await makeBase({ ...options, folder });
  const context: HostContext = { folder, base, nodePath: options.nodePath ?? process.execPath };
  const pods = new Set<PodSandbox>();
  return {
    async createPod(podOptions) {
      const pod = await createPod(context, podOptions);
      pods.add(pod);
      const forget = () => pods.delete(pod);
      pod.gone.then(forget, forget);
      return pod;
    },
    async close() {
      await Promise.all([...pods].map((pod) => pod.remove()));
    },
  };
}
