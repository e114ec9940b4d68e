import type { PeerKind } from '../real/scenarios/peer-kinds.ts';
import type { RealPeer } from '../world/real-peer.ts';
import type { Recipe } from './builds/recipe.ts';

export type ImplementationName = 'ldk-wasm' | 'leyden' | 'lnd' | 'ldk-node' | 'electrum';

/** A Lightning implementation that scenarios run against. */
export type Implementation = PeerKind<RealPeer> & {
  readonly name: ImplementationName;
  /** With its version, as the table names it. */
  readonly title: string;
  /** How it is had; null: npm has brought it already. */
  readonly recipe: Recipe | null;
};
