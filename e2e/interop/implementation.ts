import type { PeerKind } from '../real/scenarios/peer-kinds.ts';
import type { RealPeer } from '../world/real-peer.ts';
import type { Recipe } from './builds/recipe.ts';

export type ImplementationName = 'ldk-wasm' | 'leyden' | 'lnd' | 'ldk-node' | 'electrum';

/** A Lightning implementation that scenarios run against. */
export type Implementation = PeerKind<RealPeer> & {
  readonly name: ImplementationName;
  /** With its version, as the table names it. */
  readonly title: string;
  /** It offers no more HTLCs at once than it takes itself (`htlc_slots_left` in lnchannel.py). */
  readonly offersAsItTakes?: true;
  /** Knows closing_complete: whoever wants to close pays, and may offer more later. */
  readonly closesSimply?: true;
  /** It asks for fee rates at its start, and says them with the next block. */
  readonly restartsForFees?: true;
  /** Its invoices hint only at hops that have announced a channel. */
  readonly hintsAtPublic?: true;
  /** How it is had; null: npm has brought it already. */
  readonly recipe: Recipe | null;
};
