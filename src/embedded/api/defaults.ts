import { metricsAnnotation } from './autoscaler.ts';
import { asList, asObject, asText, isObject, type Json, type JsonObject, type KubeObject } from './objects.ts';

/** Sets what is missing to what the real API server sets it to. Works in place on a fresh copy. */
export function setDefaults(object: KubeObject): void {
  const spec = isObject(object['spec']) ? object['spec'] : undefined;
  switch (object.kind) {
    case 'Pod':
      if (spec) podDefaults(spec);
      object['status'] ??= { phase: 'Pending', qosClass: qosClass(asObject(spec)) };
      break;
    case 'Deployment':
      if (spec) deploymentDefaults(spec);
      break;
    case 'ReplicaSet':
      fill(spec, { replicas: 1 });
      templateDefaults(spec);
      break;
    case 'StatefulSet':
      fill(spec, {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      });
      templateDefaults(spec);
      for (const claim of asList(spec?.['volumeClaimTemplates']))
        fill(asObject(asObject(claim)['spec']), { volumeMode: 'Filesystem' });
      break;
    case 'DaemonSet':
      fill(spec, {
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      });
      templateDefaults(spec);
      break;
    case 'Job':
      if (spec) jobDefaults(object, spec);
      break;
    case 'CronJob':
      fill(spec, {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      });
      templateDefaults(asObject(asObject(spec?.['jobTemplate'])['spec']));
      break;
    case 'Service':
      if (spec) serviceDefaults(spec);
      object['status'] ??= { loadBalancer: {} };
      break;
    case 'Secret':
      secretDefaults(object);
      break;
    case 'Namespace':
      object['spec'] = { finalizers: ['kubernetes'], ...asObject(object['spec']) };
      object['status'] ??= { phase: 'Active' };
      object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
      break;
    case 'PersistentVolumeClaim':
      fill(spec, { volumeMode: 'Filesystem' });
      object['status'] ??= { phase: 'Pending' };
      break;
    case 'CustomResourceDefinition':
      if (spec) definitionDefaults(object, spec);
      break;
    case 'Ingress':
      object['status'] ??= { loadBalancer: {} };
      break;
    case 'HorizontalPodAutoscaler':
      if (spec) autoscalerDefaults(object, spec);
      break;
  }
}

function fill(target: JsonObject | undefined, values: JsonObject): void {
  if (!target) return;
  for (const [key, value] of Object.entries(values)) target[key] ??= value;
}

/** 80 % of what the pods ask of the processor, if nothing else is said. */
function autoscalerDefaults(object: KubeObject, spec: JsonObject): void {
  fill(spec, { minReplicas: 1 });
  const target = { type: 'Utilization', averageUtilization: 80 };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  if (object.apiVersion !== 'autoscaling/v1') {
    if (asList(spec['metrics']).length === 0) spec['metrics'] = metrics;
  } else if (!object.metadata.annotations?.[metricsAnnotation]) fill(spec, { targetCPUUtilizationPercentage: 80 });
  object['status'] ??= { currentReplicas: 0, desiredReplicas: 0 };
}

function deploymentDefaults(spec: JsonObject): void {
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {} });
  const strategy = asObject(spec['strategy']);
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate') {
    fill(strategy, { rollingUpdate: {} });
    fill(asObject(strategy['rollingUpdate']), { maxSurge: '25%', maxUnavailable: '25%' });
  }
  templateDefaults(spec);
}

function templateDefaults(spec: JsonObject | undefined): void {
  const template = asObject(spec?.['template']);
  if (!isObject(template['spec'])) return;
  const metadata = asObject(template['metadata']);
  metadata['creationTimestamp'] ??= null;
  template['metadata'] = metadata;
  podDefaults(template['spec']);
}

function jobDefaults(job: KubeObject, spec: JsonObject): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) fill(spec, { completions: 1 });
  fill(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    manualSelector: false,
  });
  if (spec['manualSelector'] !== true && isObject(spec['template']) && job.metadata.uid !== undefined) {
    const template = spec['template'];
    const uid = job.metadata.uid;
    spec['selector'] ??= { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
    const metadata = asObject(template['metadata']);
    const name = job.metadata.name;
    const own = {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
    };
    template['metadata'] = { ...metadata, labels: { ...own, ...asObject(metadata['labels']) } };
  }
  templateDefaults(spec);
}

function podDefaults(spec: JsonObject): void {
  fill(spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    securityContext: {},
  });
  const account = asText(spec['serviceAccountName']) || asText(spec['serviceAccount']);
  if (account !== '') fill(spec, { serviceAccountName: account, serviceAccount: account });
  for (const container of [...asList(spec['initContainers']), ...asList(spec['containers'])]) {
    if (isObject(container)) containerDefaults(container);
  }
  for (const volume of asList(spec['volumes'])) if (isObject(volume)) volumeDefaults(volume);
}

function containerDefaults(container: JsonObject): void {
  const image = asText(container['image']);
  const tag = /:([^/@:]+)$/.exec(image)?.[1];
  const latest = !image.includes('@') && (tag === undefined || tag === 'latest');
  fill(container, {
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  const { limits, requests } = asObject(container['resources']);
  if (isObject(limits)) asObject(container['resources'])['requests'] = { ...limits, ...asObject(requests) };
  for (const port of asList(container['ports'])) fill(asObject(port), { protocol: 'TCP' });
  for (const item of asList(container['env'])) {
    const reference = asObject(asObject(item)['valueFrom'])['fieldRef'];
    if (isObject(reference)) fill(reference, { apiVersion: 'v1' });
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[name];
    if (!isObject(probe)) continue;
    fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
    if (isObject(probe['httpGet'])) fill(probe['httpGet'], { path: '/', scheme: 'HTTP' });
  }
}

function volumeDefaults(volume: JsonObject): void {
  if (Object.keys(volume).length === 1) volume['emptyDir'] = {};
  for (const name of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    if (isObject(volume[name])) fill(volume[name], { defaultMode: 420 });
  }
}

function qosClass(spec: JsonObject): string {
  const all = asList(spec['containers']).map((container) => asObject(asObject(container)['resources']));
  const empty = (value: Json | undefined) => Object.keys(asObject(value)).length === 0;
  if (all.every(({ limits, requests }) => empty(limits) && empty(requests))) return 'BestEffort';
  const isGuaranteed = all.every(({ limits, requests }) => {
    return ['cpu', 'memory'].every((key) => {
      const limit = asObject(limits)[key];
      return limit !== undefined && limit === asObject(requests)[key];
    });
  });
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function serviceDefaults(spec: JsonObject): void {
  fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  if (spec['type'] !== 'ExternalName') {
    fill(spec, { internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  }
  if (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer') fill(spec, { externalTrafficPolicy: 'Cluster' });
  for (const port of asList(spec['ports'])) {
    if (!isObject(port)) continue;
    fill(port, { protocol: 'TCP' });
    if (port['port'] !== undefined) fill(port, { targetPort: port['port'] });
  }
}

function secretDefaults(secret: KubeObject): void {
  secret['type'] ??= 'Opaque';
  const plain = secret['stringData'];
  if (!isObject(plain)) return;
  const encoded = Object.entries(plain).map(([key, value]) => [key, Buffer.from(asText(value)).toString('base64')]);
  secret['data'] = { ...asObject(secret['data']), ...(Object.fromEntries(encoded) as JsonObject) };
  delete secret['stringData'];
}

function definitionDefaults(definition: KubeObject, spec: JsonObject): void {
  const names = asObject(spec['names']);
  const kind = asText(names['kind']);
  fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
  fill(spec, { conversion: { strategy: 'None' } });
  const now = definition.metadata.creationTimestamp ?? null;
  const stored = asList(spec['versions'])
    .map(asObject)
    .filter((version) => version['storage'] === true);
  definition['status'] ??= {
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        reason: 'NoConflicts',
        message: 'no conflicts found',
        lastTransitionTime: now,
      },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
        lastTransitionTime: now,
      },
    ],
    acceptedNames: structuredClone(names),
    storedVersions: stored.map((version) => version['name'] ?? null),
  };
}
