import { choice, number, text, textMap, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta1 } from './v1beta1.ts';

/** The key tree of `v1beta2`: what changed since `v1beta1`. */
export const v1beta2: Groups = evolve(v1beta1, {
  config: {
    add: {
      dependencies: listOf('dependency', 'Other projects that this one needs.'),
      hooks: listOf('hook', 'Actions around the steps of a pipeline.'),
    },
  },
  image: {
    add: {
      dockerfile: text('Path of the Dockerfile.'),
      context: text('Folder that is sent to the build.'),
    },
    remove: ['insecure', 'skipPush'],
  },
  dependency: {
    add: {
      source: ref('source', 'Where the dependency comes from.'),
      config: text('Configuration of the dependency, by its name.'),
      skipBuild: choice("Do not build the dependency's images."),
      ignoreDependencies: choice('Leave out what the dependency itself depends on.'),
      namespace: text('Namespace to deploy the dependency to.'),
    },
  },
  hook: {
    add: {
      command: text('What to run on this machine, or in `container`.'),
      args: texts('Arguments; with these the command is run without a shell.'),
      when: ref('hookWhen', 'When to run.'),
    },
  },
  cluster: {
    remove: ['apiServer', 'caCert', 'user'],
  },
  build: {
    add: {
      custom: ref('custom', 'Build with a program of your own.'),
    },
    remove: ['dockerfile', 'context', 'options'],
  },
  component: {
    add: {
      labels: textMap('Labels of the pod.'),
      annotations: textMap('Annotations of the pod.'),
      ingress: ref('ingress', 'Ingress in front of the Service.'),
      options: ref('componentConfigOptions', 'How Helm installs the component.'),
    },
  },
  source: {
    add: {
      git: text('Address of a git repository.'),
      subPath: text('Folder within the repository.'),
      branch: text('Branch to check out.'),
      tag: text('Tag to check out.'),
      revision: text('Commit to check out.'),
      path: text('Folder or file on this machine, relative to this file.'),
    },
  },
  hookWhen: {
    add: {
      before: ref('hookWhenAt', 'Before these steps.'),
      after: ref('hookWhenAt', 'After these steps.'),
    },
  },
  docker: {
    add: {
      skipPush: choice('Build without pushing.'),
      disableFallback: choice('Fail without a Docker engine instead of building with kaniko.'),
      options: ref('buildOptions', 'Options of the build itself.'),
    },
  },
  kaniko: {
    add: {
      insecure: choice('Push over plain HTTP, and do not check certificates.'),
      options: ref('buildOptions', 'Options of the build itself.'),
    },
  },
  custom: {
    add: {
      command: text('Program that builds and pushes the image.'),
      flags: texts('Arguments of the command.'),
      imageFlag: text('Flag that stands before the image.'),
      onChange: texts('Build again only when files that match these patterns have changed.'),
    },
  },
  volume: {
    add: {
      labels: textMap('Labels of the PersistentVolumeClaim.'),
      annotations: textMap('Annotations of the PersistentVolumeClaim.'),
    },
  },
  service: {
    add: {
      externalIPs: texts('As in Kubernetes.'),
      labels: textMap('Labels of the Service.'),
      annotations: textMap('Annotations of the Service.'),
    },
  },
  ingress: {
    add: {
      name: text('Name of the Ingress.'),
      tls: text('Name of the Secret with the certificate.'),
      labels: textMap('Labels of the Ingress.'),
      annotations: textMap('Annotations of the Ingress.'),
      rules: listOf('ingressRule', 'Which requests go where.'),
    },
  },
  componentConfigOptions: {
    add: {
      wait: choice('Wait until everything is ready.'),
      rollback: choice('Undo the release when it fails.'),
      force: choice('Replace objects that cannot be changed.'),
      timeout: number('How many seconds Helm waits.'),
      tillerNamespace: text('Namespace of Tiller.'),
    },
  },
  hookWhenAt: {
    add: {
      images: text('`all`, or names of images.'),
      deployments: text('`all`, or names of deployments.'),
    },
  },
  ingressRule: {
    add: {
      host: text('Host name.'),
      servicePort: number('Port of the Service.'),
      path: text('Path of the URL.'),
      tls: text('Name of the Secret with the certificate.'),
    },
  },
});
