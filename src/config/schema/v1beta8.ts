import { flag, number, text, texts } from './fields.ts';
import { evolve, type Groups, listOf, ref } from './groups.ts';
import { v1beta7 } from './v1beta7.ts';

/** The key tree of `v1beta8`: what changed since `v1beta7`. */
export const v1beta8: Groups = evolve(v1beta7, {
  kubectl: {
    add: {
      kustomizeArgs: texts(''),
      applyArgs: texts(''),
    },
    remove: ['flags'],
  },
  source: {
    add: {
      cloneArgs: texts(''),
      disableShallow: flag(''),
    },
  },
  kaniko: {
    add: {
      image: text(''),
      args: texts(''),
      additionalMounts: listOf('kanikoAdditionalMount', ''),
    },
    remove: ['flags'],
  },
  kanikoAdditionalMount: {
    add: {
      secret: ref('kanikoAdditionalMountSecret', ''),
      configMap: ref('kanikoAdditionalMountConfigMap', ''),
      readOnly: flag(''),
      mountPath: text(''),
      subPath: text(''),
    },
  },
  kanikoAdditionalMountSecret: {
    add: {
      name: text(''),
      items: listOf('kanikoAdditionalMountKeyToPath', ''),
      defaultMode: number(''),
    },
  },
  kanikoAdditionalMountConfigMap: {
    add: {
      name: text(''),
      items: listOf('kanikoAdditionalMountKeyToPath', ''),
      defaultMode: number(''),
    },
  },
  kanikoAdditionalMountKeyToPath: {
    add: {
      key: text(''),
      path: text(''),
      mode: number(''),
    },
  },
});
