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

const volumeMountVolume = object({
  name: text('Name under `volumes`.'),
  subPath: text('Path within the volume.'),
  readOnly: choice('Forbid writing.'),
  shared: choice('Let several pods write to the volume.'),
});

const volumeMount = object({
  containerPath: text('Folder in the container.'),
  volume: described(volumeMountVolume, 'What is mounted there.'),
});

const container = object({
  name: text('Name of the container.'),
  image: text('Image of the container.'),
  command: texts('Command, as in Kubernetes.'),
  args: texts('Arguments, as in Kubernetes.'),
  stdin: flag('Keep standard input open.'),
  tty: flag('Give the container a terminal.'),
  env: freeMaps('Environment, as in Kubernetes.'),
  envFrom: freeMaps('Environment from ConfigMaps and Secrets, as in Kubernetes.'),
  volumeMounts: list(volumeMount, 'Volumes of the container.'),
  resources: freeMap('Requests and limits, as in Kubernetes.'),
  livenessProbe: freeMap('As in Kubernetes.'),
  readinessProbe: freeMap('As in Kubernetes.'),
  startupProbe: freeMap('As in Kubernetes.'),
  securityContext: freeMap('As in Kubernetes.'),
  lifecycle: freeMap('As in Kubernetes.'),
  volumeDevices: freeMaps('As in Kubernetes.'),
  imagePullPolicy: text('As in Kubernetes.'),
  workingDir: text('Working directory, as in Kubernetes.'),
  stdinOnce: flag('As in Kubernetes.'),
  terminationMessagePath: text('As in Kubernetes.'),
  terminationMessagePolicy: text('As in Kubernetes.'),
});

const volume = object({
  name: text('Name of the volume.'),
  labels: textMap('Labels of the PersistentVolumeClaim.'),
  annotations: textMap('Annotations of the PersistentVolumeClaim.'),
  size: text('Size of the volume.'),
  configMap: freeMap('Content from a ConfigMap, as in Kubernetes.'),
  secret: freeMap('Content from a Secret, as in Kubernetes.'),
  emptyDir: freeMap('An empty folder, as in Kubernetes.'),
  storageClassName: text('StorageClass of the volume.'),
  volumeMode: text('As in Kubernetes.'),
  volumeName: text('As in Kubernetes.'),
  dataSource: freeMap('As in Kubernetes.'),
  accessModes: texts('Who may mount the volume, as in Kubernetes.'),
});

const servicePort = object({
  name: text('Name of the port.'),
  port: number('Port of the Service.'),
  containerPort: number('Port of the container.'),
  protocol: text('`TCP` or `UDP`.'),
});

const service = object({
  name: text('Name of the Service.'),
  labels: textMap('Labels of the Service.'),
  annotations: textMap('Annotations of the Service.'),
  type: text('Type of the Service, as in Kubernetes.'),
  ports: list(servicePort, 'Ports of the Service.'),
  externalIPs: texts('As in Kubernetes.'),
  clusterIP: text('As in Kubernetes.'),
  externalName: text('As in Kubernetes.'),
  externalTrafficPolicy: text('As in Kubernetes.'),
  healthCheckNodePort: count('As in Kubernetes.'),
  ipFamily: text('As in Kubernetes.'),
  loadBalancerIP: text('As in Kubernetes.'),
  loadBalancerSourceRanges: texts('As in Kubernetes.'),
  publishNotReadyAddresses: flag('As in Kubernetes.'),
  sessionAffinity: freeMap('As in Kubernetes.'),
  sessionAffinityConfig: freeMap('As in Kubernetes.'),
  topologyKeys: texts('As in Kubernetes.'),
});

const ingressRule = object({
  host: text('Host name.'),
  tls: text('Name of the Secret with the certificate.'),
  path: text('Path of the URL.'),
  servicePort: number('Port of the Service.'),
  serviceName: text('Service that gets the requests.'),
  pathType: text('As in Kubernetes.'),
});

const ingress = object({
  name: text('Name of the Ingress.'),
  labels: textMap('Labels of the Ingress.'),
  annotations: textMap('Annotations of the Ingress.'),
  tls: text('Name of the Secret with the certificate.'),
  tlsClusterIssuer: text('ClusterIssuer of cert-manager that makes the certificate.'),
  ingressClass: text('Ingress controller, as an annotation.'),
  rules: list(ingressRule, 'Which requests go where.'),
  backend: freeMap('As in Kubernetes.'),
  ingressClassName: text('Ingress controller.'),
});

const autoScalingHorizontal = object({
  maxReplicas: number('Largest number of pods.'),
  averageCPU: text('CPU use to aim at, such as `800m`.'),
  averageRelativeCPU: text('CPU use to aim at, in percent of the requests.'),
  averageMemory: text('Memory use to aim at, such as `1Gi`.'),
  averageRelativeMemory: text('Memory use to aim at, in percent of the requests.'),
});

const autoScaling = object({
  horizontal: described(autoScalingHorizontal, 'Change the number of pods with the load.'),
});

const rollingUpdate = object({
  enabled: choice('Whether pods are replaced one after the other.'),
  maxSurge: text('As in Kubernetes.'),
  maxUnavailable: text('As in Kubernetes.'),
  partition: number('As in Kubernetes.'),
});

export const component = object({
  initContainers: list(container, 'Containers that run before the others.'),
  containers: list(container, 'Containers of the pod.'),
  labels: textMap('Labels of the pod.'),
  annotations: textMap('Annotations of the pod.'),
  volumes: list(volume, 'Volumes that containers can mount.'),
  service: described(service, 'Service in front of the pods.'),
  serviceName: text('Name of the Service that gives each pod its own host name.'),
  ingress: described(ingress, 'Ingress in front of the Service.'),
  replicas: number('Number of pods.'),
  autoScaling: described(autoScaling, 'Let the number of pods follow the load.'),
  rollingUpdate: described(rollingUpdate, 'How pods are replaced.'),
  pullSecrets: texts('Secrets with logins of registries.'),
  tolerations: freeMaps('Tolerations, as in Kubernetes.'),
  affinity: freeMap('As in Kubernetes.'),
  nodeSelector: freeMap('Labels of the nodes, as in Kubernetes.'),
  nodeName: text('As in Kubernetes.'),
  podManagementPolicy: text('As in Kubernetes.'),
  dnsConfig: freeMap('As in Kubernetes.'),
  hostAliases: freeMaps('As in Kubernetes.'),
  overhead: freeMap('As in Kubernetes.'),
  readinessGates: freeMaps('As in Kubernetes.'),
  securityContext: freeMap('As in Kubernetes.'),
  topologySpreadConstraints: freeMaps('As in Kubernetes.'),
  activeDeadlineSeconds: number('As in Kubernetes.'),
  automountServiceAccountToken: choice('As in Kubernetes.'),
  dnsPolicy: text('As in Kubernetes.'),
  enableServiceLinks: choice('As in Kubernetes.'),
  hostIPC: choice('As in Kubernetes.'),
  hostNetwork: choice('As in Kubernetes.'),
  hostPID: choice('As in Kubernetes.'),
  hostname: text('As in Kubernetes.'),
  preemptionPolicy: text('As in Kubernetes.'),
  priority: number('As in Kubernetes.'),
  priorityClassName: text('As in Kubernetes.'),
  restartPolicy: text('As in Kubernetes.'),
  runtimeClassName: text('As in Kubernetes.'),
  schedulerName: text('As in Kubernetes.'),
  serviceAccount: text('ServiceAccount of the pod.'),
  serviceAccountName: text('As in Kubernetes.'),
  setHostnameAsFQDN: choice('As in Kubernetes.'),
  shareProcessNamespace: choice('As in Kubernetes.'),
  subdomain: text('As in Kubernetes.'),
  terminationGracePeriodSeconds: number('As in Kubernetes.'),
  ephemeralContainers: freeMaps('As in Kubernetes.'),
});
