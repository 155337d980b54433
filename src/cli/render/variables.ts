import type { ListedVariable } from '../../config/variables/variables.ts';
import type { Column } from './table.ts';

/** The columns of `devspace list vars` and of what `devspace print` says about variables. */
export const variableColumns: readonly Column<ListedVariable>[] = [
  { head: 'Variable', text: ({ name }) => name },
  { head: 'Value', text: ({ value = '' }) => value },
  { head: 'From', text: ({ origin = 'not set' }) => origin },
  { head: 'Used by', text: ({ usedBy }) => usedBy.join(', ') },
];
