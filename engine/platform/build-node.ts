import type { Network } from '../base/network.ts';
import type { Log, PeerAddress } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { LspServer, NodeApi } from '../node/api.ts';
import { loadNode, type LeydenNode } from '../node/node.ts';
import type { GraphCache, NodeSaying } from '../node/node-options.ts';
import type { Refusal } from '../node/refusal.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { checkWords, seedOf } from '../wallet/words.ts';
import { fetchHttp } from './fetch-http.ts';
import { instantiateSecp256k1 } from './secp256k1-node.ts';
import { systemClock } from './system-clock.ts';
import { systemRandom } from './system-random.ts';
import { tcpDial, tcpListen } from './tcp-dial.ts';

export type BuildOptions = {
  readonly network: Network;
  /** BIP 39, English, 12 to 24 words. */
  readonly mnemonic: string;
  /** Base URLs of Esplora servers, preferred first. */
  readonly esplora: readonly string[];
  /** Kept for as long as the node runs; a new `MemoryStore` when absent: then all is lost with the process. */
  readonly storage?: Store;
  /** Base URLs of rapid-gossip-sync servers: the map of the network. Absent or none: it comes from the peers. */
  readonly snapshots?: readonly string[];
  /** Where the map is kept between starts; absent: it is fetched anew. */
  readonly graphCache?: GraphCache;
  /** What the node says of itself to everybody, once it has a public channel; absent: nothing. */
  readonly announcement?: NodeSaying;
  /** Whom to ask for a channel when one is paid without. */
  readonly lsps?: readonly LspServer[];
  /** Where peers may dial us; port 0: any free one. */
  readonly listen?: PeerAddress;
  readonly log?: Log;
  /** How often the chain is asked. */
  readonly syncEveryMs?: number;
};

export type BuiltNode = NodeApi & Pick<LeydenNode, 'listeningPort' | 'onChange' | 'restoreOnchain'>;

/** A node for Node.js: peers over TCP, both ways. Call `start` next. */
export async function buildNode(options: BuildOptions): Promise<Result<BuiltNode, Refusal>> {
  const words = checkWords(options.mnemonic.split(/\s+/));
  if (!words.ok) return err(words.error);
  const { listen } = options;
  const loaded = await loadNode({
    network: options.network,
    seed: await seedOf(words.value),
    servers: () =>
      Promise.resolve(
        ok({
          esplora: options.esplora,
          proxies: [],
          snapshots: options.snapshots ?? [],
          lsps: options.lsps ?? [],
        }),
      ),
    store: options.storage ?? new MemoryStore(),
    http: fetchHttp(),
    dial: tcpDial,
    ...(options.graphCache === undefined ? {} : { graphCache: options.graphCache }),
    ...(options.announcement === undefined ? {} : { announcement: options.announcement }),
    ...(listen === undefined ? {} : { listen: (accept) => tcpListen(listen, accept) }),
    clock: systemClock,
    random: systemRandom,
    log: options.log ?? (() => undefined),
    instantiateCurve: instantiateSecp256k1,
    ...(options.syncEveryMs === undefined ? {} : { syncEveryMs: options.syncEveryMs }),
  });
  if (!loaded.ok) return loaded;
  const node = loaded.value;
  return ok({
    ...node.api,
    get listeningPort() {
      return node.listeningPort;
    },
    onChange: (listener) => node.onChange(listener),
    restoreOnchain: (onProgress) => node.restoreOnchain(onProgress),
  });
}
