/** Why a snapshot was not applied. The graph stays as it was. */
export type SnapshotRefusal =
  /** Not a snapshot, or one that breaks the format at byte `offset`. */
  | { readonly code: 'snapshot-invalid'; readonly detail: SnapshotFault; readonly offset: number }
  /** Of another network. */
  | { readonly code: 'snapshot-wrong-chain' }
  /** Tells of a time `ageSeconds` ago: what it says of channels is not true any more. */
  | { readonly code: 'snapshot-stale'; readonly ageSeconds: number }
  /** Tells of the future: more than a day ahead of our clock. */
  | { readonly code: 'snapshot-ahead'; readonly aheadSeconds: number };

export type SnapshotFault =
  'prefix' | 'version' | 'truncated' | 'trailing' | 'not-minimal' | 'out-of-range' | 'too-many' | 'crowded';
