import type { KubeObject } from '../../kube/objects.ts';
import { toAutoscaler } from './autoscaler.ts';
import type { Component } from './component.ts';
import { toIngress } from './ingress.ts';
import { isClaim, sharedVolumes, toPodTemplate } from './pod-template.ts';
import { toServices } from './services.ts';
import { isOn, mapAt, mapsAt, pick, textAt, textsAt, type Values } from './values.ts';

/**
 * The objects of a component, as the original's component chart makes them: a Deployment, or a StatefulSet where a pod
 * has volumes of its own, with Services, Ingress and autoscaler if they are asked for. The pods carry the labels that
 * the chart gives them, since existing configurations select by them (`spec-config.md` 2.4 of the reference).
 */
export function renderComponent(name: string, values: Values): KubeObject[] {
  const labels = { 'app.kubernetes.io/name': 'devspace-app', 'app.kubernetes.io/component': name };
  const component: Component = { name, values, labels };
  const shared = sharedVolumes(values);
  const claims = mapsAt(values, 'volumes').filter(isClaim);
  const own = claims.filter((volume) => !shared.includes(textAt(volume, 'name') ?? ''));
  const isStateful = own.length > 0;
  return [
    ...claims.filter((volume) => !own.includes(volume)).map((volume) => toClaim(volume, labels)),
    ...toServices(component, isStateful ? 'StatefulSet' : 'Deployment'),
    isStateful ? toStatefulSet(component, own) : toDeployment(component),
    ...toAutoscaler(component, isStateful ? 'StatefulSet' : 'Deployment'),
    ...toIngress(component),
  ];
}

function toDeployment({ name, values, labels }: Component): KubeObject {
  const update = mapAt(values, 'rollingUpdate');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      ...toReplicas(values),
      strategy: isOn(update, 'enabled')
        ? { type: 'RollingUpdate', rollingUpdate: toLimits(update, 'maxSurge', 'maxUnavailable') }
        : { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: withClaims(toPodTemplate(values, labels), sharedVolumes(values)),
    },
  };
}

function toStatefulSet({ name, values, labels }: Component, own: readonly Values[]): KubeObject {
  const update = mapAt(values, 'rollingUpdate');
  const partition = Number(textAt(update, 'partition') ?? 0);
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, labels },
    spec: {
      ...toReplicas(values),
      serviceName: textAt(values, 'serviceName') ?? `${name}-headless`,
      ...pick(values, 'podManagementPolicy'),
      updateStrategy: { type: 'RollingUpdate', ...(partition > 0 ? { rollingUpdate: { partition } } : {}) },
      selector: { matchLabels: labels },
      template: withClaims(toPodTemplate(values, labels), sharedVolumes(values)),
      volumeClaimTemplates: own.map((volume) => ({ ...toClaim(volume, labels), apiVersion: 'v1' })),
    },
  };
}

/** An autoscaler owns the number of pods. */
function toReplicas(values: Values): { replicas?: number } {
  const horizontal = mapAt(mapAt(values, 'autoScaling'), 'horizontal');
  if (textAt(horizontal, 'maxReplicas') !== undefined) return {};
  return { replicas: Number(textAt(values, 'replicas') ?? 1) };
}

function toLimits(update: Values, ...keys: string[]): Record<string, string | number> {
  const limits = keys.map((key): [string, string | number] => {
    const text = textAt(update, key) ?? '25%';
    return [key, /^\d+$/.test(text) ? Number(text) : text];
  });
  return Object.fromEntries(limits);
}

function withClaims(template: Record<string, unknown>, claims: readonly string[]): Record<string, unknown> {
  if (claims.length === 0) return template;
  const spec = mapAt(template, 'spec');
  const mounted = [...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...spec, volumes: [...mapsAt(spec, 'volumes'), ...mounted] } };
}

function toClaim(volume: Values, labels: Readonly<Record<string, string>>): KubeObject {
  const accessModes = Array.isArray(volume['accessModes']) ? volume['accessModes'] : [];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: textAt(volume, 'name') ?? '',
      labels: { ...labels, ...textsAt(volume, 'labels') },
      ...pick(volume, 'annotations'),
    },
    spec: {
      accessModes: accessModes.length > 0 ? accessModes : ['ReadWriteOnce'],
      resources: { requests: { storage: textAt(volume, 'size') } },
      ...pick(volume, 'storageClassName', 'volumeMode', 'volumeName', 'dataSource'),
    },
  };
}
