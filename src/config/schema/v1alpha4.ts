import { choice, freeMap, freeMaps, number, text, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1alpha3 } from './v1alpha3.ts';

/** The key tree of `v1alpha4`: what changed since `v1alpha3`. */
export const v1alpha4: Groups = evolve(v1alpha3, {
  deployment: {
    add: {
      component: ref('component', 'Deploy containers without writing a chart.'),
    },
  },
  component: {
    add: {
      containers: listOf('container', 'Containers of the pod.'),
      replicas: number('Number of pods.'),
      autoScaling: ref('autoScaling', 'Let the number of pods follow the load.'),
      rollingUpdate: ref('rollingUpdate', 'How pods are replaced.'),
      volumes: listOf('volume', 'Volumes that containers can mount.'),
      service: ref('service', 'Service in front of the pods.'),
      serviceName: text('Name of the Service that gives each pod its own host name.'),
      podManagementPolicy: text('As in Kubernetes.'),
      pullSecrets: texts('Secrets with logins of registries.'),
    },
  },
  helm: {
    add: {
      chart: ref('chart', 'The chart; the component chart without it.'),
      rollback: choice('Undo the release when it fails.'),
      devSpaceValues: choice('Put the tags that were just built into the values.'),
      valuesFiles: texts('Files with values of the chart.'),
      values: freeMap('Values of the chart. They win over files.'),
    },
    remove: ['chartPath', 'overrides', 'overrideValues'],
  },
  container: {
    add: {
      name: text('Name of the container.'),
      image: text('Image of the container.'),
      command: texts('Command, as in Kubernetes.'),
      args: texts('Arguments, as in Kubernetes.'),
      env: freeMaps('Environment, as in Kubernetes.'),
      volumeMounts: listOf('volumeMount', 'Volumes of the container.'),
      resources: freeMap('Requests and limits, as in Kubernetes.'),
      livenessProbe: freeMap('As in Kubernetes.'),
      readinessProbe: freeMap('As in Kubernetes.'),
    },
  },
  autoScaling: {
    add: {
      horizontal: ref('autoScalingHorizontal', 'Change the number of pods with the load.'),
    },
  },
  rollingUpdate: {
    add: {
      enabled: choice('Whether pods are replaced one after the other.'),
      maxSurge: text('As in Kubernetes.'),
      maxUnavailable: text('As in Kubernetes.'),
      partition: number('As in Kubernetes.'),
    },
  },
  volume: {
    add: {
      name: text('Name of the volume.'),
      size: text('Size of the volume.'),
      configMap: freeMap('Content from a ConfigMap, as in Kubernetes.'),
      secret: freeMap('Content from a Secret, as in Kubernetes.'),
    },
  },
  service: {
    add: {
      type: text('Type of the Service, as in Kubernetes.'),
      ports: listOf('servicePort', 'Ports of the Service.'),
    },
    remove: ['namespace', 'resourceType', 'labelSelector', 'containerName'],
  },
  chart: {
    add: {
      name: text('Name of the chart in its repository, or its path in this project.'),
      version: text('Version of the chart; the newest one without it.'),
      repo: text("Address of the chart's repository."),
      username: text('Login of the repository.'),
      password: text('Password of the repository.'),
    },
  },
  volumeMount: {
    add: {
      containerPath: text('Folder in the container.'),
      volume: ref('volumeMountVolume', 'What is mounted there.'),
    },
  },
  autoScalingHorizontal: {
    add: {
      maxReplicas: number('Largest number of pods.'),
      averageCPU: text('CPU use to aim at, such as `800m`.'),
      averageMemory: text('Memory use to aim at, such as `1Gi`.'),
    },
  },
  servicePort: {
    add: {
      port: number('Port of the Service.'),
      containerPort: number('Port of the container.'),
      protocol: text('`TCP` or `UDP`.'),
    },
  },
  volumeMountVolume: {
    add: {
      name: text('Name under `volumes`.'),
      subPath: text('Path within the volume.'),
      readOnly: choice('Forbid writing.'),
    },
  },
});
