import type { KubeObject } from '../../kube/objects.ts';
import type { Component } from './component.ts';
import { mapAt, textAt, type Values } from './values.ts';

/** The autoscaler of a component that names a largest number of pods. */
export function toAutoscaler({ name, values, labels }: Component, kind: 'Deployment' | 'StatefulSet'): KubeObject[] {
  const horizontal = mapAt(mapAt(values, 'autoScaling'), 'horizontal');
  const maxReplicas = textAt(horizontal, 'maxReplicas');
  if (maxReplicas === undefined) return [];
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, labels },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind, name },
        minReplicas: Number(textAt(values, 'replicas') ?? 1),
        maxReplicas: Number(maxReplicas),
        metrics: [
          ...toMetric('cpu', { value: 'averageCPU', share: 'averageRelativeCPU' }, horizontal),
          ...toMetric('memory', { value: 'averageMemory', share: 'averageRelativeMemory' }, horizontal),
        ],
      },
    },
  ];
}

function toMetric(
  name: string,
  keys: { readonly value: string; readonly share: string },
  horizontal: Values,
): Record<string, unknown>[] {
  const value = textAt(horizontal, keys.value);
  const share = textAt(horizontal, keys.share);
  if (value === undefined && share === undefined) return [];
  const target =
    value === undefined
      ? { type: 'Utilization', averageUtilization: Number(share) }
      : { type: 'AverageValue', averageValue: value };
  return [{ type: 'Resource', resource: { name, target } }];
}
