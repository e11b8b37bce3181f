/** A scenario of the list. */
export interface ScenarioEntry {
  /** `shipped:deploy.yaml`, `own:Deploy`, `draft:` and a name that no other page takes. */
  key: string;
  kind: 'shipped' | 'yours' | 'draft';
  name: string;
  /** As it is kept; what was typed over it is in `drafts`. */
  text: string;
  /** To be given to `heartline run`; null while it is only in this page. */
  file: string | null;
}
