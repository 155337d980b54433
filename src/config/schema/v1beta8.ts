import { flag, number, text, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta7 } from './v1beta7.ts';

/** The key tree of `v1beta8`: what changed since `v1beta7`. */
export const v1beta8: Groups = evolve(v1beta7, {
  kubectl: {
    add: {
      kustomizeArgs: texts('More arguments for kustomize.'),
      applyArgs: texts('More arguments for `kubectl apply`.'),
    },
    remove: ['flags'],
  },
  source: {
    add: {
      cloneArgs: texts('More arguments for `git clone`.'),
      disableShallow: flag('Clone the whole history, not only the newest commit.'),
    },
  },
  kaniko: {
    add: {
      image: text('Image of kaniko.'),
      args: texts('More arguments for kaniko.'),
      additionalMounts: listOf('kanikoAdditionalMount', 'Secrets and ConfigMaps for the build.'),
    },
    remove: ['flags'],
  },
  kanikoAdditionalMount: {
    add: {
      secret: ref('kanikoAdditionalMountSecret', 'Secret to mount.'),
      configMap: ref('kanikoAdditionalMountConfigMap', 'ConfigMap to mount.'),
      readOnly: flag('Forbid writing.'),
      mountPath: text('Folder in the build container.'),
      subPath: text('Path within the volume.'),
    },
  },
  kanikoAdditionalMountSecret: {
    add: {
      name: text('Name of the Secret.'),
      items: listOf('kanikoAdditionalMountKeyToPath', 'Keys to mount; all without it.'),
      defaultMode: number('Permissions of the files.'),
    },
  },
  kanikoAdditionalMountConfigMap: {
    add: {
      name: text('Name of the ConfigMap.'),
      items: listOf('kanikoAdditionalMountKeyToPath', 'Keys to mount; all without it.'),
      defaultMode: number('Permissions of the files.'),
    },
  },
  kanikoAdditionalMountKeyToPath: {
    add: {
      key: text('Key in the Secret or ConfigMap.'),
      path: text('File name in the mounted folder.'),
      mode: number('Permissions of the file.'),
    },
  },
});
