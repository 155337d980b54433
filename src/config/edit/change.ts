export type Labels = Readonly<Record<string, string>>;

/** What `devspace add` and `devspace remove` can change. */
export type Change =
  | {
      readonly kind: 'add image';
      readonly name: string;
      readonly image: string;
      readonly tag?: string;
      readonly dockerfile?: string;
      readonly context?: string;
    }
  | {
      readonly kind: 'add deployment';
      readonly name: string;
      readonly namespace?: string;
      readonly manifests?: readonly string[];
      readonly chart?: Labels;
      readonly image?: string;
    }
  | {
      readonly kind: 'add port';
      readonly labels: Labels;
      readonly port: number;
      readonly remotePort: number;
      readonly name?: string;
    }
  | {
      readonly kind: 'add sync';
      readonly labels: Labels;
      readonly local: string;
      readonly container: string;
      readonly excludes?: readonly string[];
      readonly name?: string;
    }
  | { readonly kind: 'add selector'; readonly name: string; readonly labels: Labels; readonly namespace?: string }
  | { readonly kind: 'remove image' | 'remove deployment'; readonly name: string }
  | ({ readonly kind: 'remove selector'; readonly name?: string } & RemovedTarget)
  | { readonly kind: 'remove port'; readonly port: number }
  | ({ readonly kind: 'remove sync'; readonly local?: string; readonly container?: string } & RemovedTarget);

/** Narrows a removal to what selects its pod with these labels, all of them and no others, and in this namespace. */
export interface RemovedTarget {
  readonly labels?: Labels;
  readonly namespace?: string;
}
