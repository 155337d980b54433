import { v2beta1 as schema } from '../schema/v2beta1.ts';
import type { ConfigVersion } from './version.ts';

/** The newest format, which is the model that everything else works with. */
export const v2beta1: ConfigVersion = { name: 'v2beta1', schema };
