import { choice, text, texts } from './fields.ts';
import { evolve, type Groups, ref } from './groups.ts';
import { v1beta5 } from './v1beta5.ts';

/** The key tree of `v1beta6`: what changed since `v1beta5`. */
export const v1beta6: Groups = evolve(v1beta5, {
  dependency: {
    add: {
      name: text('Name of the dependency.'),
    },
  },
  helm: {
    add: {
      path: text('Another `helm` program.'),
    },
  },
  sync: {
    add: {
      disableDownload: choice('Never change files on this machine.'),
      disableUpload: choice('Never change files in the container.'),
      onUpload: ref('syncOnUpload', 'What to do after an upload.'),
      onDownload: ref('syncOnDownload', 'What to do after a download.'),
    },
  },
  docker: {
    add: {
      args: texts('More arguments for `docker build`.'),
    },
  },
  custom: {
    add: {
      args: texts('Arguments of the command.'),
    },
    remove: ['flags'],
  },
  syncOnUpload: {
    add: {
      execRemote: ref('syncExecCommand', 'What to run in the container after an upload.'),
    },
  },
  syncOnDownload: {
    add: {
      execLocal: ref('syncExecCommand', 'What to run on this machine after a download.'),
    },
  },
  syncExecCommand: {
    add: {
      command: text('What to run.'),
      args: texts('Arguments; with these the command is run without a shell.'),
      onFileChange: ref('syncCommand', 'What to run for each changed file.'),
      onDirCreate: ref('syncCommand', 'What to run for each new folder.'),
    },
  },
  syncCommand: {
    add: {
      command: text('What to run.'),
      args: texts('Arguments; with these the command is run without a shell.'),
    },
  },
});
