import { choice, described, flag, list, number, object, oneOf, text, texts, withDefault } from '../fields.ts';

export const syncCommand = object({ command: text(''), args: texts('') });

export const syncExecCommand = object({
  command: text(''),
  args: texts(''),
  onFileChange: described(syncCommand, ''),
  onDirCreate: described(syncCommand, ''),
  onBatch: described(syncCommand, ''),
});

export const syncExec = object({
  name: text(''),
  command: text(''),
  args: texts(''),
  failOnError: flag(''),
  local: flag(''),
  once: flag(''),
  onChange: texts(''),
});

export const syncOnUpload = object({
  restartContainer: flag(''),
  exec: list(syncExec, ''),
  execRemote: described(syncExecCommand, ''),
});

export const bandwidthLimits = object({ download: number(''), upload: number('') });

export const sync = object({
  path: withDefault(text(''), '.:.'),
  excludePaths: texts(''),
  excludeFile: text(''),
  downloadExcludePaths: texts(''),
  downloadExcludeFile: text(''),
  uploadExcludePaths: texts(''),
  uploadExcludeFile: text(''),
  startContainer: flag(''),
  onUpload: described(syncOnUpload, ''),
  initialSync: withDefault(
    oneOf(['mirrorLocal', 'mirrorRemote', 'preferLocal', 'preferRemote', 'preferNewest', 'keepAll', 'disabled'], ''),
    'mirrorLocal',
  ),
  waitInitialSync: withDefault(choice(''), true),
  initialSyncCompareBy: withDefault(oneOf(['mtime', 'size'], ''), 'mtime'),
  disableDownload: flag(''),
  disableUpload: flag(''),
  bandwidthLimits: described(bandwidthLimits, ''),
  polling: flag(''),
  noWatch: flag(''),
  file: flag(''),
  printLogs: flag(''),
});
