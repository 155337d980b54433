import type { Pod } from '../kube/objects.ts';
import { attachTerminal } from '../terminal/attach.ts';
import { chooseContainer } from './choose-container.ts';
import { findQuery, type SelectOptions } from './select-container.ts';
import type { Tools } from './tools.ts';

/** Attaches to the main process of the container that fits. Returns 0 when it has ended or was left. */
export async function attach(options: SelectOptions, tools: Tools): Promise<number> {
  const { signal } = options.project;
  const { log, io } = tools;
  const { kube, query } = await findQuery(options, tools);
  const container = await chooseContainer(query, { kube, log, signal });
  const ref = { apiVersion: 'v1', kind: 'Pod', name: container.pod, namespace: container.namespace };
  const pod = (await kube.read(ref, signal)) as Pod | undefined;
  const spec = pod?.spec.containers.find(({ name }) => name === container.container) ?? {};
  await attachTerminal({ kube, container, spec, io, log, signal });
  return 0;
}
