import type { KubeObject } from '../../kube/objects.ts';
import type { Component } from './component.ts';
import { mapAt, mapsAt, pick, pickOthers, textAt, textsAt, type Values } from './values.ts';

/** The Service in front of the pods, if it has ports, and the one that gives the pods of a StatefulSet their names. */
export function toServices(component: Component, workload: 'Deployment' | 'StatefulSet'): KubeObject[] {
  const { name, values, labels } = component;
  const service = mapAt(values, 'service');
  const ports = toPorts(service);
  const headless: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: textAt(values, 'serviceName') ?? `${name}-headless`, labels },
    spec: { clusterIP: 'None', selector: labels, ...(ports.length > 0 ? { ports } : {}) },
  };
  return [
    ...(ports.length > 0 ? [toService(component, ports)] : []),
    ...(workload === 'StatefulSet' ? [headless] : []),
  ];
}

function toService({ name, values, labels }: Component, ports: readonly object[]): KubeObject {
  const service = mapAt(values, 'service');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName(name, values),
      labels: { ...textsAt(service, 'labels'), ...labels },
      ...pick(service, 'annotations'),
    },
    spec: {
      type: 'ClusterIP',
      ...pickOthers(service, 'name', 'labels', 'annotations', 'ports'),
      selector: labels,
      ports,
    },
  };
}

/** The name under which the component's Service is reached. */
export const serviceName = (name: string, values: Values): string => textAt(mapAt(values, 'service'), 'name') ?? name;

function toPorts(service: Values): Record<string, unknown>[] {
  return mapsAt(service, 'ports').map((port, index) => {
    const number = Number(textAt(port, 'port'));
    return {
      name: textAt(port, 'name') ?? `port-${index}`,
      port: number,
      targetPort: Number(textAt(port, 'containerPort') ?? number),
      protocol: textAt(port, 'protocol') ?? 'TCP',
    };
  });
}
