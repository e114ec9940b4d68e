import type { FeeratePerKw, Sat } from '../base/units.ts';
import type { Add, Removal } from './ledger.ts';
import type { OpenNegotiation } from './phases/opening/negotiation.ts';

/** What a connection owns: gone when it drops, by BOLT 2's own rules. */
export type Session =
  | { readonly link: 'offline' }
  /** Connected, and nothing signed yet: nothing worth keeping. */
  | { readonly link: 'opening'; readonly remoteFeatures: Uint8Array; readonly open: OpenNegotiation }
  /** Our channel_reestablish was sent; the peer's is awaited. */
  | { readonly link: 'syncing'; readonly remoteFeatures: Uint8Array }
  | {
      readonly link: 'ready';
      readonly remoteFeatures: Uint8Array;
      readonly proposals: Proposals;
      readonly fees: CloseNegotiation | null;
    }
  /** Connected, but the channel is over: what the peer says about it is ignored. */
  | { readonly link: 'over' };

/** What the peer proposed and did not sign yet. */
export type Proposals = {
  readonly adds: ReadonlyMap<bigint, Add>;
  /** Of our outgoing HTLCs. */
  readonly removals: ReadonlyMap<bigint, Removal>;
  readonly feerate: FeeratePerKw | null;
};

export const NO_PROPOSALS: Proposals = { adds: new Map(), removals: new Map(), feerate: null };

/** Where closing_signed stands on this connection: BOLT 2 has it start over on each. */
export type CloseNegotiation = {
  readonly sent: { readonly fee: Sat; readonly min: Sat; readonly max: Sat } | null;
  readonly received: Sat | null;
};
