import type { KeyPath, Report } from '../../finding.ts';
import { defined, mapOrNothing, only, textAt } from '../data.ts';
import type { Data } from '../version.ts';

/** Two paths become one, `LOCAL:CONTAINER`. */
export function toSync(sync: Data, { path, report }: { path: KeyPath; report: Report }): Data {
  warnAboutDropped(sync, { path, report });
  const onUpload = mapOrNothing(sync, 'onUpload');
  return defined({
    path: `${textAt(sync, 'localSubPath') || '.'}:${textAt(sync, 'containerPath') || '.'}`,
    ...only(
      sync,
      'excludePaths',
      'excludeFile',
      'downloadExcludePaths',
      'downloadExcludeFile',
      'uploadExcludePaths',
      'uploadExcludeFile',
      'initialSync',
      'initialSyncCompareBy',
      'disableDownload',
      'disableUpload',
      'polling',
      'waitInitialSync',
      'bandwidthLimits',
    ),
    onUpload,
  });
}

function warnAboutDropped(sync: Data, { path, report }: { path: KeyPath; report: Report }): void {
  const reasons = {
    throttleChangeDetection: '`throttleChangeDetection` has no effect any more',
    onDownload: '`onDownload` has no effect any more: see `onUpload.exec` with `local: true`',
  };
  for (const [key, message] of Object.entries(reasons)) {
    if (sync[key] !== undefined) report({ severity: 'warning', path: [...path, key], at: 'key', message });
  }
}
