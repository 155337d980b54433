import { choice, freeMap, freeMaps, number, text, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1alpha3 } from './v1alpha3.ts';

/** The key tree of `v1alpha4`: what changed since `v1alpha3`. */
export const v1alpha4: Groups = evolve(v1alpha3, {
  deployment: {
    add: {
      component: ref('component', ''),
    },
  },
  component: {
    add: {
      containers: listOf('container', ''),
      replicas: number(''),
      autoScaling: ref('autoScaling', ''),
      rollingUpdate: ref('rollingUpdate', ''),
      volumes: listOf('volume', ''),
      service: ref('service', ''),
      serviceName: text(''),
      podManagementPolicy: text(''),
      pullSecrets: texts(''),
    },
  },
  helm: {
    add: {
      chart: ref('chart', ''),
      rollback: choice(''),
      devSpaceValues: choice(''),
      valuesFiles: texts(''),
      values: freeMap(''),
    },
    remove: ['chartPath', 'overrides', 'overrideValues'],
  },
  container: {
    add: {
      name: text(''),
      image: text(''),
      command: texts(''),
      args: texts(''),
      env: freeMaps(''),
      volumeMounts: listOf('volumeMount', ''),
      resources: freeMap(''),
      livenessProbe: freeMap(''),
      readinessProbe: freeMap(''),
    },
  },
  autoScaling: {
    add: {
      horizontal: ref('autoScalingHorizontal', ''),
    },
  },
  rollingUpdate: {
    add: {
      enabled: choice(''),
      maxSurge: text(''),
      maxUnavailable: text(''),
      partition: number(''),
    },
  },
  volume: {
    add: {
      name: text(''),
      size: text(''),
      configMap: freeMap(''),
      secret: freeMap(''),
    },
  },
  service: {
    add: {
      type: text(''),
      ports: listOf('servicePort', ''),
    },
    remove: ['namespace', 'resourceType', 'labelSelector', 'containerName'],
  },
  chart: {
    add: {
      name: text(''),
      version: text(''),
      repo: text(''),
      username: text(''),
      password: text(''),
    },
  },
  volumeMount: {
    add: {
      containerPath: text(''),
      volume: ref('volumeMountVolume', ''),
    },
  },
  autoScalingHorizontal: {
    add: {
      maxReplicas: number(''),
      averageCPU: text(''),
      averageMemory: text(''),
    },
  },
  servicePort: {
    add: {
      port: number(''),
      containerPort: number(''),
      protocol: text(''),
    },
  },
  volumeMountVolume: {
    add: {
      name: text(''),
      subPath: text(''),
      readOnly: choice(''),
    },
  },
});
