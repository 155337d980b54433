import path from 'node:path';
import type { DeploymentConfig, PortsConfig, TargetSelector } from '../../config/types.ts';
import { type DeploymentStatus, deploymentStatus } from '../deployment-status.ts';
import { loadConfiguration, type ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';

export interface ListedDeployment {
  readonly name: string;
  readonly type: DeploymentConfig['type'];
  /** Absent: the namespace of the run. */
  readonly namespace?: string;
  /** Manifests or the chart. */
  readonly source: string;
  readonly status: DeploymentStatus;
}

export async function listDeployments(options: ProjectOptions, tools: Tools): Promise<ListedDeployment[]> {
  const {
    config,
    model,
    projectName,
    kubeContext,
    namespace: ownNamespace,
  } = await loadConfiguration(options, {}, tools);
  const choice = {
    context: options.kube.context ?? kubeContext,
    namespace: options.kube.namespace ?? ownNamespace,
  };
  const status = await deploymentStatus({
    project: projectName,
    deployments: config.deployments,
    kube: () => tools.kube(choice),
    signal: options.signal,
  });
  return config.deployments.map((deployment) => {
    const { name, type, namespace } = deployment;
    const chart = model.deployments?.[name]?.helm?.chart?.name ?? '';
    const source = deployment.type === 'kubectl' ? deployment.manifests.join(', ') : chart;
    return {
      name,
      type,
      ...(namespace === undefined ? {} : { namespace }),
      source,
      status: status.get(name) ?? 'unknown',
    };
  });
}

interface Selected {
  /** Labels such as `app=web`, or the image. */
  readonly selector: string;
  readonly namespace?: string;
  readonly container?: string;
}

export interface ListedPorts extends Selected {
  /** Where connections go. */
  readonly direction: 'to the container' | 'to this machine';
  /** `LOCAL:REMOTE`. */
  readonly ports: readonly string[];
}

export async function listPorts(options: ProjectOptions, tools: Tools): Promise<ListedPorts[]> {
  const { config } = await loadConfiguration(options, {}, tools);
  const toListed = (direction: ListedPorts['direction']) => (entry: PortsConfig) => ({
    ...toSelected(entry.target),
    direction,
    ports: entry.forward.map(({ port, remotePort }) => `${port}:${remotePort}`),
  });
  return [
    ...config.dev.ports.map(toListed('to the container')),
    ...config.dev.reversePorts.map(toListed('to this machine')),
  ];
}

export interface ListedSync extends Selected {
  /** Relative to the project. */
  readonly local: string;
  readonly remote: string;
  readonly excluded: readonly string[];
}

export async function listSync(options: ProjectOptions, tools: Tools): Promise<ListedSync[]> {
  const { config } = await loadConfiguration(options, {}, tools);
  return config.dev.sync.map(({ target, localPath, containerPath, excludePaths }) => ({
    ...toSelected(target),
    local: path.relative(config.projectRoot, localPath) || '.',
    remote: containerPath,
    excluded: excludePaths,
  }));
}

export interface ListedSelector extends Selected {
  readonly name: string;
}

export async function listSelectors(options: ProjectOptions, tools: Tools): Promise<ListedSelector[]> {
  const { config } = await loadConfiguration(options, {}, tools);
  return config.dev.selectors.map(({ name, target }) => ({ name, ...toSelected(target) }));
}

function toSelected({ labelSelector, imageSelector, namespace, containerName }: TargetSelector): Selected {
  const labels = Object.entries(labelSelector).map(([key, value]) => `${key}=${value}`);
  return {
    selector: imageSelector === undefined ? labels.join(',') : imageSelector,
    ...(namespace === undefined ? {} : { namespace }),
    ...(containerName === undefined ? {} : { container: containerName }),
  };
}
