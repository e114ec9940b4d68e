import versions from '../../package.json' with { type: 'json' };
import { startLdk } from '../real/scenarios/peer-kinds.ts';
import { ELECTRUM } from './builds/electrum.ts';
import { LDK_NODE } from './builds/ldk-node.ts';
import { LND } from './builds/lnd.ts';
import type { Implementation } from './implementation.ts';
import { ElectrumPeer } from './peers/electrum/electrum-peer.ts';
import { LdkNodePeer } from './peers/ldk-node/ldk-node-peer.ts';
import { LeydenPeer } from './peers/leyden/leyden-peer.ts';
import { LndPeer } from './peers/lnd/lnd-peer.ts';

/** All that scenarios know. Each scenario runs with each, or stands in `cannot.ts`. */
export const IMPLEMENTATIONS: readonly Implementation[] = [
  {
    name: 'ldk-wasm',
    title: `LDK in WebAssembly ${versions.devDependencies.lightningdevkit} (LDK 0.1)`,
    recipe: null,
    // It closes a channel that another chain takes back once it was ready: two blocks are taken back here.
    start: (chain, wishes) => startLdk(chain, { minimumDepth: 3, ...wishes }),
  },
  {
    name: 'leyden',
    title: `Leyden ${versions.version}, two processes`,
    recipe: null,
    closesSimply: true,
    restartsForFees: true,
    start: (chain, wishes) => LeydenPeer.start(chain, wishes),
  },
  {
    name: 'lnd',
    title: `LND ${LND.version}`,
    recipe: LND,
    closesSimply: true,
    hintsAtPublic: true,
    readyAfter: 3,
    start: (chain, wishes) => LndPeer.start(chain, wishes),
  },
  {
    name: 'ldk-node',
    title: `ldk-node ${LDK_NODE.version} (LDK 0.2)`,
    recipe: LDK_NODE,
    start: (chain, wishes) => LdkNodePeer.start(chain, wishes),
  },
  {
    name: 'electrum',
    title: `Electrum ${ELECTRUM.version}`,
    recipe: ELECTRUM,
    offersAsItTakes: true,
    start: (chain, wishes) => ElectrumPeer.start(chain, wishes),
  },
];

export const isHere = ({ recipe }: Implementation): boolean => recipe === null || recipe.isHere();
