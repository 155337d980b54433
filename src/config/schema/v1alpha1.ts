import { choice, freeMap, number, text, textMap, texts } from './fields.ts';
import { type Groups, listOf, mapOf, ref } from './groups.ts';

/** The key tree of `v1alpha1`. */
export const v1alpha1: Groups = {
  config: {
    version: text(''),
    devSpace: ref('devSpace', ''),
    images: mapOf('image', ''),
    registries: mapOf('registry', ''),
    cluster: ref('cluster', ''),
    tiller: ref('tiller', ''),
    internalRegistry: ref('internalRegistry', ''),
  },
  devSpace: {
    terminal: ref('terminal', ''),
    autoReload: ref('autoReloadPaths', ''),
    services: listOf('service', ''),
    deployments: listOf('deployment', ''),
    ports: listOf('portForwarding', ''),
    sync: listOf('sync', ''),
  },
  image: {
    name: text(''),
    tag: text(''),
    registry: text(''),
    createPullSecret: choice(''),
    skipPush: choice(''),
    autoReload: ref('autoReload', ''),
    build: ref('build', ''),
  },
  registry: {
    url: text(''),
    auth: ref('registryAuth', ''),
    insecure: choice(''),
  },
  cluster: {
    cloudProvider: text(''),
    kubeContext: text(''),
    namespace: text(''),
    apiServer: text(''),
    caCert: text(''),
    user: ref('clusterUser', ''),
  },
  tiller: {
    namespace: text(''),
  },
  internalRegistry: {
    deploy: choice(''),
    namespace: text(''),
  },
  terminal: {
    disabled: choice(''),
    service: text(''),
    resourceType: text(''),
    labelSelector: textMap(''),
    namespace: text(''),
    containerName: text(''),
    command: texts(''),
  },
  autoReloadPaths: {
    paths: texts(''),
  },
  service: {
    name: text(''),
    namespace: text(''),
    resourceType: text(''),
    labelSelector: textMap(''),
    containerName: text(''),
  },
  deployment: {
    name: text(''),
    namespace: text(''),
    autoReload: ref('autoReload', ''),
    helm: ref('helm', ''),
    kubectl: ref('kubectl', ''),
  },
  portForwarding: {
    service: text(''),
    namespace: text(''),
    resourceType: text(''),
    labelSelector: textMap(''),
    portMappings: listOf('portMapping', ''),
  },
  sync: {
    service: text(''),
    namespace: text(''),
    labelSelector: textMap(''),
    containerName: text(''),
    localSubPath: text(''),
    containerPath: text(''),
    excludePaths: texts(''),
    downloadExcludePaths: texts(''),
    uploadExcludePaths: texts(''),
    bandwidthLimits: ref('bandwidthLimits', ''),
  },
  autoReload: {
    disabled: choice(''),
  },
  build: {
    disabled: choice(''),
    contextPath: text(''),
    dockerfilePath: text(''),
    kaniko: ref('kaniko', ''),
    docker: ref('docker', ''),
    options: ref('buildOptions', ''),
  },
  registryAuth: {
    username: text(''),
    password: text(''),
  },
  clusterUser: {
    clientCert: text(''),
    clientKey: text(''),
    token: text(''),
  },
  helm: {
    chartPath: text(''),
    wait: choice(''),
    tillerNamespace: text(''),
    devOverwrite: text(''),
    override: text(''),
    overrideValues: freeMap(''),
  },
  kubectl: {
    cmdPath: text(''),
    manifests: texts(''),
  },
  portMapping: {
    localPort: number(''),
    remotePort: number(''),
    bindAddress: text(''),
  },
  bandwidthLimits: {
    download: number(''),
    upload: number(''),
  },
  kaniko: {
    cache: choice(''),
    namespace: text(''),
    pullSecret: text(''),
  },
  docker: {
    preferMinikube: choice(''),
  },
  buildOptions: {
    buildArgs: textMap(''),
    target: text(''),
    network: text(''),
  },
};
