import { choice, freeMap, number, openTextMap, text, textMap, texts } from './fields.ts';
import { type Groups, listOf, mapOf, ref } from './groups.ts';

/** The key tree of `v1alpha1`. */
export const v1alpha1: Groups = {
  config: {
    version: text('The version of this format. It must be the first thing to be right: all other keys depend on it.'),
    devSpace: ref('devSpace', 'Everything that concerns development.'),
    images: mapOf('image', 'The images to build, by a name of your choice.'),
    registries: mapOf('registry', 'Registries that images refer to by name.'),
    cluster: ref(
      'cluster',
      'Which cluster and namespace to use. Newer versions leave this to the kube context and to flags.',
    ),
    tiller: ref('tiller', 'The server of Helm 2.'),
    internalRegistry: ref('internalRegistry', 'A registry inside the cluster.'),
  },
  devSpace: {
    terminal: ref('terminal', 'A terminal in a container.'),
    autoReload: ref('autoReloadPaths', 'What to watch, in order to build and deploy again.'),
    services: listOf('service', 'Named selectors.'),
    deployments: listOf('deployment', 'What is deployed, in this order.'),
    ports: listOf('portForwarding', 'Ports of pods that are reachable on this machine.'),
    sync: listOf('sync', 'Folders that are kept equal.'),
  },
  image: {
    name: text('Name of the image.'),
    tag: text('Tag of the image; without it a new one is made for each build.'),
    registry: text('Key under `registries`.'),
    createPullSecret: choice("Give the cluster the login for this image's registry."),
    skipPush: choice('Build without pushing.'),
    autoReload: ref('autoReload', 'Whether changes start everything again.'),
    build: ref('build', 'How the image is built.'),
  },
  registry: {
    url: text('Host of the registry.'),
    auth: ref('registryAuth', 'Login of the registry.'),
    insecure: choice('Talk plain HTTP to the registry.'),
  },
  cluster: {
    cloudProvider: text('Name of the cloud provider.'),
    cloudProviderDeployTarget: text('Where to deploy at the cloud provider.'),
    kubeContext: text('Name of the kube context.'),
    namespace: text('Namespace to work in.'),
    apiServer: text('Address of the cluster.'),
    caCert: text('Certificate authority of the cluster.'),
    user: ref('clusterUser', 'Login of the cluster.'),
  },
  tiller: {
    namespace: text('Namespace of Tiller.'),
  },
  internalRegistry: {
    deploy: choice('Whether the registry is deployed.'),
    namespace: text('Namespace; the current one without it.'),
  },
  terminal: {
    disabled: choice('Do not open the terminal.'),
    service: text('Name under `services`.'),
    resourceType: text('Kind of the target.'),
    labelSelector: textMap('Labels of the pod.'),
    namespace: text('Namespace; the current one without it.'),
    containerName: text('Name of the container; not needed for pods with one.'),
    command: texts('What to run instead of a shell.'),
  },
  autoReloadPaths: {
    paths: texts('Patterns of files that are watched.'),
  },
  service: {
    name: text('Name of the Service.'),
    namespace: text('Namespace; the current one without it.'),
    resourceType: text('Kind of the target.'),
    labelSelector: textMap('Labels of the pod.'),
    containerName: text('Name of the container; not needed for pods with one.'),
  },
  deployment: {
    name: text('Name of the deployment.'),
    namespace: text('Namespace to deploy to; the current one without it.'),
    autoReload: ref('autoReload', 'Whether changes start everything again.'),
    helm: ref('helm', 'Deploy a chart with Helm.'),
    kubectl: ref('kubectl', 'Deploy manifests.'),
  },
  portForwarding: {
    service: text('Name under `services`.'),
    namespace: text('Namespace; the current one without it.'),
    resourceType: text('Kind of the target.'),
    labelSelector: textMap('Labels of the pod.'),
    portMappings: listOf('portMapping', 'The ports.'),
  },
  sync: {
    service: text('Name under `services`.'),
    namespace: text('Namespace; the current one without it.'),
    labelSelector: textMap('Labels of the pod.'),
    containerName: text('Name of the container; not needed for pods with one.'),
    localSubPath: text('Folder on this machine, relative to this file.'),
    containerPath: text('Folder in the container; its working directory without it.'),
    excludePaths: texts('Paths that are not synced, as in `.gitignore`.'),
    downloadExcludePaths: texts('Paths that are not downloaded.'),
    uploadExcludePaths: texts('Paths that are not uploaded.'),
    bandwidthLimits: ref('bandwidthLimits', 'Limits of the transfer.'),
  },
  autoReload: {
    disabled: choice('Do not watch this part.'),
  },
  build: {
    disabled: choice('Never build this image.'),
    contextPath: text('Folder that is sent to the build.'),
    dockerfilePath: text('Path of the Dockerfile.'),
    kaniko: ref('kaniko', 'Build inside the cluster with kaniko.'),
    docker: ref('docker', 'Build with a Docker engine.'),
    options: ref('buildOptions', 'Options of the build itself.'),
  },
  registryAuth: {
    username: text('Login of the registry.'),
    password: text('Password of the registry.'),
  },
  clusterUser: {
    clientCert: text('Client certificate.'),
    clientKey: text('Key of the client certificate.'),
    token: text('Token.'),
  },
  helm: {
    chartPath: text('Path of the chart.'),
    wait: choice('Wait until everything is ready.'),
    tillerNamespace: text('Namespace of Tiller.'),
    devOverwrite: text('File with values for development.'),
    override: text('File with values.'),
    overrideValues: freeMap('Values of the chart.'),
  },
  kubectl: {
    cmdPath: text('Another `kubectl` program.'),
    manifests: texts('Files, folders or patterns of manifests, or folders for kustomize.'),
  },
  portMapping: {
    localPort: number('Port on this machine.'),
    remotePort: number('Port of the container; the same without it.'),
    bindAddress: text('Address on this machine to listen on.'),
  },
  bandwidthLimits: {
    download: number('Limit of downloads in kilobytes per second.'),
    upload: number('Limit of uploads in kilobytes per second.'),
  },
  kaniko: {
    cache: choice('Keep layers in the registry for the next build.'),
    namespace: text('Namespace of the build pod.'),
    pullSecret: text("Secret with the registry's login."),
  },
  docker: {
    preferMinikube: choice('Build with the Docker engine inside minikube, if that is the cluster.'),
  },
  buildOptions: {
    buildArgs: openTextMap('Values for the ARG lines of the Dockerfile.'),
    target: text('Stage of the Dockerfile to build; the last one without it.'),
    network: text('Network of RUN lines during the build.'),
  },
};
