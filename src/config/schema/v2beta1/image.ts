import { choice, described, flag, list, object, oneOf, openTextMap, text, texts, withDefault } from '../fields.ts';
import { kaniko } from './kaniko.ts';

const customCommand = object({
  command: text('Program for this operating system.'),
  os: text('Operating system: `darwin`, `linux` or `windows`.'),
});

const custom = object({
  command: text('Program that builds and pushes the image.'),
  onChange: texts('Build again only when files that match these patterns have changed.'),
  commands: list(customCommand, 'Programs by operating system.'),
  args: texts('Arguments of the command.'),
  appendArgs: texts('Arguments after the image.'),
  imageFlag: text('Flag that stands before the image.'),
  imageTagOnly: flag('Hand over the tag without the image name.'),
  skipImageArg: choice('Do not hand over the image at all.'),
});

const buildKitInCluster = object({
  name: text('Name of the builder.'),
  namespace: text('Namespace of the builder.'),
  rootless: flag('Run BuildKit without root rights.'),
  image: text('Image of BuildKit.'),
  nodeSelector: text('Labels of the nodes to build on.'),
  noCreate: flag('Fail when the builder is not there instead of making it.'),
  noRecreate: flag('Keep a builder that differs from this section.'),
  noLoad: flag('Leave the result in the builder instead of loading it into Docker.'),
  createArgs: texts('More arguments for `docker buildx create`.'),
});

const buildKit = object({
  inCluster: described(buildKitInCluster, 'Build inside the cluster.'),
  preferMinikube: choice('Build with the Docker engine inside minikube, if that is the cluster.'),
  args: texts('More arguments for the build command.'),
  command: texts('Build command in place of `docker buildx`.'),
});

const docker = object({
  disableFallback: choice('Fail without a Docker engine instead of building with kaniko.'),
  preferMinikube: choice('Build with the Docker engine inside minikube, if that is the cluster.'),
  useCli: flag("Call the `docker` program instead of the engine's API."),
  args: texts('More arguments for `docker build`.'),
  useBuildKit: flag('Build with BuildKit.'),
});

export const image = object(
  {
    name: text('Name of the image; the key under `images` counts.'),
    image: text('Name of the image without a tag, such as `registry.example.com/team/app`.'),
    tags: texts('Tags of the image; `#` stands for a random letter. Without tags each build gets one of its own.'),
    dockerfile: withDefault(text('Path of the Dockerfile.'), './Dockerfile'),
    context: withDefault(text('Folder that is sent to the build.'), './'),
    entrypoint: texts("Takes the place of the Dockerfile's ENTRYPOINT."),
    cmd: texts("Takes the place of the Dockerfile's CMD."),
    appendDockerfileInstructions: texts('Lines to add at the end of the Dockerfile.'),
    buildArgs: openTextMap('Values for the ARG lines of the Dockerfile.'),
    target: text('Stage of the Dockerfile to build; the last one without it.'),
    network: text('Network of RUN lines during the build.'),
    rebuildStrategy: withDefault(
      oneOf(
        ['default', 'always', 'ignoreContextChanges'],
        'When to build again: after any change, always, or not for changes of the context alone.',
      ),
      'default',
    ),
    skipPush: flag('Build without pushing.'),
    createPullSecret: withDefault(choice("Give the cluster the login for this image's registry."), true),
    buildKit: described(buildKit, 'Build with BuildKit.'),
    docker: described(docker, 'Build with a Docker engine.'),
    kaniko: described(kaniko, 'Build inside the cluster with kaniko.'),
    custom: described(custom, 'Build with a program of your own.'),
    injectRestartHelper: flag('Build a helper into the image with which sync restarts the program.'),
    injectLegacyRestartHelper: flag('Build the restart helper of older versions into the image.'),
    restartHelperPath: text('File or address of another restart helper.'),
  },
  { required: ['image'] },
);
