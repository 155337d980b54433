import { choice, text, texts } from './fields.ts';
import { evolve, type Groups, ref } from './groups.ts';
import { v1beta5 } from './v1beta5.ts';

/** The key tree of `v1beta6`: what changed since `v1beta5`. */
export const v1beta6: Groups = evolve(v1beta5, {
  dependency: {
    add: {
      name: text(''),
    },
  },
  helm: {
    add: {
      path: text(''),
    },
  },
  sync: {
    add: {
      disableDownload: choice(''),
      disableUpload: choice(''),
      onUpload: ref('syncOnUpload', ''),
      onDownload: ref('syncOnDownload', ''),
    },
  },
  docker: {
    add: {
      args: texts(''),
    },
  },
  custom: {
    add: {
      args: texts(''),
    },
    remove: ['flags'],
  },
  syncOnUpload: {
    add: {
      execRemote: ref('syncExecCommand', ''),
    },
  },
  syncOnDownload: {
    add: {
      execLocal: ref('syncExecCommand', ''),
    },
  },
  syncExecCommand: {
    add: {
      command: text(''),
      args: texts(''),
      onFileChange: ref('syncCommand', ''),
      onDirCreate: ref('syncCommand', ''),
    },
  },
  syncCommand: {
    add: {
      command: text(''),
      args: texts(''),
    },
  },
});
