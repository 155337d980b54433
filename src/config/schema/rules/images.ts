import type { Finding } from '../../finding.ts';
import { hasVariable, isImageName } from '../../versions/image-name.ts';
import { safeName } from '../../versions/names.ts';
import type { Model } from '../v2beta1.ts';
import { isBlank, missing, unsafeNames, wrong } from './findings.ts';

/** Each image needs a name that Docker accepts, and no two may have the same. */
export function checkImages(model: Model): Finding[] {
  const findings = unsafeNames('images', model.images, safeName);
  const seen = new Map<string, string>();
  for (const [name, image] of Object.entries(model.images ?? {})) {
    const path = ['images', name];
    const written = image.image ?? '';
    if (isBlank(written)) findings.push(missing(path, 'image'));
    else if (!isImageName(written))
      findings.push(wrong([...path, 'image'], `\`${written}\` is not a valid image name`));
    const other = seen.get(written);
    if (other !== undefined && !isBlank(written) && !hasVariable(written)) {
      findings.push(wrong([...path, 'image'], `\`images.${other}\` has the same image name`, 'a name of its own'));
    }
    seen.set(written, name);
    if (image.custom && isBlank(image.custom.command) && (image.custom.commands ?? []).length === 0) {
      findings.push(missing([...path, 'custom'], 'command'));
    }
  }
  return findings;
}
