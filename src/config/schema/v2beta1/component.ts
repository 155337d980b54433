import {
  choice,
  count,
  described,
  flag,
  freeMap,
  freeMaps,
  list,
  number,
  object,
  text,
  textMap,
  texts,
} from '../fields.ts';

export const volumeMountVolume = object({
  name: text(''),
  subPath: text(''),
  readOnly: choice(''),
  shared: choice(''),
});

export const volumeMount = object({ containerPath: text(''), volume: described(volumeMountVolume, '') });

export const container = object({
  name: text(''),
  image: text(''),
  command: texts(''),
  args: texts(''),
  stdin: flag(''),
  tty: flag(''),
  env: freeMaps(''),
  envFrom: freeMaps(''),
  volumeMounts: list(volumeMount, ''),
  resources: freeMap(''),
  livenessProbe: freeMap(''),
  readinessProbe: freeMap(''),
  startupProbe: freeMap(''),
  securityContext: freeMap(''),
  lifecycle: freeMap(''),
  volumeDevices: freeMaps(''),
  imagePullPolicy: text(''),
  workingDir: text(''),
  stdinOnce: flag(''),
  terminationMessagePath: text(''),
  terminationMessagePolicy: text(''),
});

export const volume = object({
  name: text(''),
  labels: textMap(''),
  annotations: textMap(''),
  size: text(''),
  configMap: freeMap(''),
  secret: freeMap(''),
  emptyDir: freeMap(''),
  storageClassName: text(''),
  volumeMode: text(''),
  volumeName: text(''),
  dataSource: freeMap(''),
  accessModes: texts(''),
});

export const servicePort = object({ name: text(''), port: number(''), containerPort: number(''), protocol: text('') });

export const service = object({
  name: text(''),
  labels: textMap(''),
  annotations: textMap(''),
  type: text(''),
  ports: list(servicePort, ''),
  externalIPs: texts(''),
  clusterIP: text(''),
  externalName: text(''),
  externalTrafficPolicy: text(''),
  healthCheckNodePort: count(''),
  ipFamily: text(''),
  loadBalancerIP: text(''),
  loadBalancerSourceRanges: texts(''),
  publishNotReadyAddresses: flag(''),
  sessionAffinity: freeMap(''),
  sessionAffinityConfig: freeMap(''),
  topologyKeys: texts(''),
});

export const ingressRule = object({
  host: text(''),
  tls: text(''),
  path: text(''),
  servicePort: number(''),
  serviceName: text(''),
  pathType: text(''),
});

export const ingress = object({
  name: text(''),
  labels: textMap(''),
  annotations: textMap(''),
  tls: text(''),
  tlsClusterIssuer: text(''),
  ingressClass: text(''),
  rules: list(ingressRule, ''),
  backend: freeMap(''),
  ingressClassName: text(''),
});

export const autoScalingHorizontal = object({
  maxReplicas: number(''),
  averageCPU: text(''),
  averageRelativeCPU: text(''),
  averageMemory: text(''),
  averageRelativeMemory: text(''),
});

export const autoScaling = object({ horizontal: described(autoScalingHorizontal, '') });

export const rollingUpdate = object({
  enabled: choice(''),
  maxSurge: text(''),
  maxUnavailable: text(''),
  partition: number(''),
});

export const component = object({
  initContainers: list(container, ''),
  containers: list(container, ''),
  labels: textMap(''),
  annotations: textMap(''),
  volumes: list(volume, ''),
  service: described(service, ''),
  serviceName: text(''),
  ingress: described(ingress, ''),
  replicas: number(''),
  autoScaling: described(autoScaling, ''),
  rollingUpdate: described(rollingUpdate, ''),
  pullSecrets: texts(''),
  tolerations: freeMaps(''),
  affinity: freeMap(''),
  nodeSelector: freeMap(''),
  nodeName: text(''),
  podManagementPolicy: text(''),
  dnsConfig: freeMap(''),
  hostAliases: freeMaps(''),
  overhead: freeMap(''),
  readinessGates: freeMaps(''),
  securityContext: freeMap(''),
  topologySpreadConstraints: freeMaps(''),
  activeDeadlineSeconds: number(''),
  automountServiceAccountToken: choice(''),
  dnsPolicy: text(''),
  enableServiceLinks: choice(''),
  hostIPC: choice(''),
  hostNetwork: choice(''),
  hostPID: choice(''),
  hostname: text(''),
  preemptionPolicy: text(''),
  priority: number(''),
  priorityClassName: text(''),
  restartPolicy: text(''),
  runtimeClassName: text(''),
  schedulerName: text(''),
  serviceAccount: text(''),
  serviceAccountName: text(''),
  setHostnameAsFQDN: choice(''),
  shareProcessNamespace: choice(''),
  subdomain: text(''),
  terminationGracePeriodSeconds: number(''),
  ephemeralContainers: freeMaps(''),
});
