import {
  choice,
  described,
  flag,
  list,
  number,
  object,
  oneOf,
  text,
  texts,
  usuallyOneOf,
  withDefault,
} from '../fields.ts';

const syncCommand = object({
  command: text('What to run.'),
  args: texts('Arguments; with these the command is run without a shell.'),
});

const syncExecCommand = object({
  command: text('What to run.'),
  args: texts('Arguments; with these the command is run without a shell.'),
  onFileChange: described(syncCommand, 'What to run for each changed file.'),
  onDirCreate: described(syncCommand, 'What to run for each new folder.'),
  onBatch: described(syncCommand, 'What to run after each upload.'),
});

const syncExec = object({
  name: text('Name for the log.'),
  command: text('What to run.'),
  args: texts('Arguments; with these the command is run without a shell.'),
  failOnError: flag('Stop sync when the command fails.'),
  local: flag('Run on this machine instead of in the container.'),
  once: flag('Run only once in each container.'),
  onChange: texts('Run only when files that match these patterns were uploaded.'),
});

const syncOnUpload = object({
  restartContainer: flag('Restart the program in the container after an upload.'),
  exec: list(syncExec, 'Commands to run after an upload.'),
  execRemote: described(syncExecCommand, 'What to run in the container after an upload.'),
});

const bandwidthLimits = object({
  download: number('Limit of downloads in kilobytes per second.'),
  upload: number('Limit of uploads in kilobytes per second.'),
});

export const sync = object({
  path: withDefault(text('`LOCAL:CONTAINER`. One path alone is meant for both sides.'), '.:.'),
  excludePaths: texts('Paths that are not synced, as in `.gitignore`.'),
  excludeFile: text('File with paths that are not synced.'),
  downloadExcludePaths: texts('Paths that are not downloaded.'),
  downloadExcludeFile: text('File with paths that are not downloaded.'),
  uploadExcludePaths: texts('Paths that are not uploaded.'),
  uploadExcludeFile: text('File with paths that are not uploaded.'),
  startContainer: flag('Start the program in the container only after the first sync.'),
  onUpload: described(syncOnUpload, 'What to do after an upload.'),
  initialSync: withDefault(
    oneOf(
      ['mirrorLocal', 'mirrorRemote', 'preferLocal', 'preferRemote', 'preferNewest', 'keepAll', 'disabled'],
      'Which side wins in the first sync.',
    ),
    'mirrorLocal',
  ),
  waitInitialSync: withDefault(choice('Wait for the first sync before going on.'), true),
  initialSyncCompareBy: withDefault(
    usuallyOneOf(['mtime', 'size'], 'How the first sync finds changed files.'),
    'mtime',
  ),
  disableDownload: flag('Never change files on this machine.'),
  disableUpload: flag('Never change files in the container.'),
  bandwidthLimits: described(bandwidthLimits, 'Limits of the transfer.'),
  polling: flag('Look for changes in the container at intervals instead of being told by its system.'),
  noWatch: flag('Stop after the first sync.'),
  file: flag('Sync a single file.'),
  printLogs: flag('Show each synced file.'),
  allReplicas: flag('Bring the files to all other pods that fit, too; changes come from one of them only.'),
});
