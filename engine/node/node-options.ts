import type { Network } from '../base/network.ts';
import type { Clock, Dial, Http, Log, Random, Socket, SocketHandlers } from '../base/ports.ts';
import type { Msat } from '../base/units.ts';
import type { Result } from '../base/result.ts';
import type { InstantiateWasm } from '../crypto/secp256k1-load.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Store } from '../storage/store.ts';
import type { LspServer } from './lsp-api.ts';
import type { Refusal } from './refusal.ts';

export type Servers = {
  readonly esplora: readonly string[];
  readonly proxies: readonly string[];
  /** Base URLs of rapid-gossip-sync servers, asked in this order. */
  readonly snapshots?: readonly string[];
  /** Whom to ask for a channel when one is paid without. */
  readonly lsps?: readonly LspServer[];
  /** The most that is ever agreed to for one channel of an LSP. */
  readonly lspFeeLimitSat?: number;
  /** URLs of files with LDK's scores, asked in this order. */
  readonly scores?: readonly string[];
  /** Base URL of the push relay that LSPs wake this browser through. */
  readonly pushRelay?: string | null;
  /** Left out, or null: nobody is probed that the user did not ask for. */
  readonly probing?: Probing | null;
};

/** Probing by itself: one probe every so often, of up to so much. Within the limits of all probes. */
export type Probing = { readonly everySeconds: number; readonly mostSat: number };

/** Where the map of the network is kept between starts: apart from the wallet, for it is large, public, and may be lost. */
export type GraphCache = {
  readonly load: () => Promise<Uint8Array | null>;
  readonly save: (bytes: Uint8Array) => Promise<void>;
};

/** What the node says of itself to everybody, once it has a public channel. */
export type NodeSaying = {
  /** Shown to people: at most 32 bytes of UTF-8 of it are said. */
  readonly alias: string;
  /** 0xRRGGBB. */
  readonly color: number;
};

/** Where peers may dial us: Node.js only. */
export type Listening = { readonly port: number; readonly close: () => Promise<void> };
export type Listen = (accept: (socket: Socket) => SocketHandlers) => Promise<Listening>;

/** All that a node needs of the world around it. */
export type NodeOptions = {
  readonly network: Network;
  /** BIP 39 seed. */
  readonly seed: Secret;
  /** Asked for at each start. */
  readonly servers: () => Promise<Result<Servers, Refusal>>;
  readonly store: Store;
  /** Left out: the map is fetched anew after each start. */
  readonly graphCache?: GraphCache;
  /** The same for scores of others. */
  readonly scoresCache?: GraphCache;
  readonly http: Http;
  readonly dial: Dial;
  /** Left out: the node says nothing of itself. */
  readonly announcement?: NodeSaying;
  readonly listen?: Listen;
  /**
   * Most that the wallet may hold and still ask for more, in msat: until its words are written down. Asked at each
   * request; null, or absent: no limit.
   */
  readonly receiveLimit?: () => Msat | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Null: curve arithmetic stays with noble. */
  readonly instantiateCurve: InstantiateWasm | null;
  /** How often the chain is asked while the node runs. */
  readonly syncEveryMs?: number;
  /** Between the steps of the search for what peers' commitments paid to restored words. */
  readonly strayEveryMs?: number;
};
