/** What a message of gossip came to. */
export type Verdict =
  /** It goes on the map, at once or when the chain has confirmed its channel. */
  | { readonly tag: 'taken' }
  /** Nothing new, or nothing for us. No fault of the peer's. */
  | { readonly tag: 'ignored'; readonly why: IgnoredBecause }
  /** The peer handed on what it must have seen to be false. */
  | { readonly tag: 'breach'; readonly rule: string; readonly detail: string };

export type IgnoredBecause =
  | 'other-chain'
  | 'known'
  | 'unknown-channel'
  | 'unknown-node'
  /**
   * Signed by none of those who claim the channel and of whom such an update would be news; the chain has borne out none
   * of these yet.
   */
  | 'unclaimed'
  | 'unknown-feature'
  | 'not-for-others'
  | 'too-young'
  | 'from-the-future'
  | 'stale'
  | 'blacklisted'
  | 'unfounded'
  | 'too-often'
  | 'full';

export const TAKEN: Verdict = { tag: 'taken' };
export const ignored = (why: IgnoredBecause): Verdict => ({ tag: 'ignored', why });
