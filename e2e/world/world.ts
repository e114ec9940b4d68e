import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProxy, type Proxy } from '../../services/proxy/proxy.ts';
import { startPushRelay, type PushRelay } from '../../services/push-relay/relay.ts';
import { Bitcoind } from './bitcoind.ts';
import { ControlServer } from './control-server.ts';
import { EsploraServer } from './esplora/server.ts';
import { atPortOrElsewhere } from './free-port.ts';
import { LdkPeer, type LdkPeerOptions } from './ldk/ldk-peer.ts';

export type PeerPlan = Partial<Omit<LdkPeerOptions, 'folder'>> & {
  readonly alias: string;
  /** Confirmed in its on-chain wallet at the start, when it has less. */
  readonly fundSat?: bigint;
};

export type WorldOptions = {
  /** Kept when given; otherwise a folder of its own, removed at `stop`. */
  readonly folder?: string;
  readonly esploras?: number;
  readonly peers?: readonly PeerPlan[];
  /** Whose pages may use the proxy; any when absent. */
  readonly origins?: readonly string[];
  /** Listen at this port and the next ones where they are free. */
  readonly firstPort?: number;
  /** Where the push relay sends to, in place of the browser makers'. */
  readonly pushServices?: readonly string[];
};

/** What `public/config.json` holds, for this world. */
export type WorldConfig = {
  readonly defaultNetwork: 'regtest';
  readonly networks: {
    readonly regtest: {
      readonly esplora: readonly string[];
      readonly proxies: readonly string[];
      readonly peers: readonly {
        readonly alias: string;
        readonly nodeId: string;
        readonly host: string;
        readonly port: number;
      }[];
      readonly lsps: readonly {
        readonly alias: string;
        readonly nodeId: string;
        readonly host: string;
        readonly port: number;
        readonly token: null;
        readonly trusted: boolean;
      }[];
      readonly pushRelay: string;
      readonly faucet: string;
    };
  };
};

/**
 * sat/vB by blocks to wait. bitcoind has an opinion of its own once enough transactions went by, which is a matter of what
 * was played before: then what is offered, and what is raised without being asked, would be too.
 */
const STEADY: Readonly<Record<string, number>> = { 2: 10, 6: 5, 144: 2, 1008: 1 };

const DEFAULT_PEERS: readonly PeerPlan[] = [{ alias: 'Playground LDK', fundSat: 200_000_000n }];

/** Everything outside the app: a chain, servers that tell of it, a way to peers, and peers. Regtest, loopback only. */
export class World {
  readonly chain: Bitcoind;
  readonly esploras: readonly EsploraServer[];
  readonly proxy: Proxy;
  readonly relay: PushRelay;
  readonly peers: readonly LdkPeer[];
  readonly control: ControlServer;
  readonly #cleanups: readonly (() => Promise<void>)[];

  private constructor(parts: Omit<WorldParts, 'cleanups'>, cleanups: readonly (() => Promise<void>)[]) {
    this.chain = parts.chain;
    this.esploras = parts.esploras;
    this.proxy = parts.proxy;
    this.relay = parts.relay;
    this.peers = parts.peers;
    this.control = parts.control;
    this.#cleanups = cleanups;
  }

  /** Resolves when everything answers and the peers have their coins. */
  static async start(options: WorldOptions = {}): Promise<World> {
    const cleanups: (() => Promise<void>)[] = [];
    try {
      return new World(await build(options, cleanups), cleanups);
    } catch (error) {
      await runAll(cleanups);
      throw error;
    }
  }

  /** The first server, which is the only one unless more were asked for. */
  get esplora(): EsploraServer {
    return first(this.esploras);
  }
  /** The first peer. */
  get ldk(): LdkPeer {
    return first(this.peers);
  }

  /** Mines blocks, and resolves when the peers that run have seen them. */
  async mine(blocks = 1): Promise<void> {
    await this.chain.mine(blocks);
    await Promise.all(this.peers.filter((peer) => peer.isRunning()).map((peer) => peer.sync()));
  }

  config(): WorldConfig {
    return {
      defaultNetwork: 'regtest',
      networks: {
        regtest: {
          esplora: this.esploras.map(({ url }) => url),
          proxies: [this.proxy.url],
          peers: this.peers.map(({ alias, id, address }) => ({ alias, nodeId: id, ...address })),
          lsps: this.peers
            .filter(({ isLsp }) => isLsp)
            .map(({ alias, id, address }) => ({ alias, nodeId: id, ...address, token: null, trusted: true })),
          pushRelay: this.relay.url,
          faucet: `${this.control.url}/faucet`,
        },
      },
    };
  }

  async stop(): Promise<void> {
    await runAll(this.#cleanups);
  }
}

type WorldParts = {
  readonly chain: Bitcoind;
  readonly esploras: readonly EsploraServer[];
  readonly proxy: Proxy;
  readonly relay: PushRelay;
  readonly peers: readonly LdkPeer[];
  readonly control: ControlServer;
};

async function build(options: WorldOptions, cleanups: (() => Promise<void>)[]): Promise<WorldParts> {
  const temporary = options.folder === undefined;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'leyden-world-')));
  if (temporary) cleanups.push(() => rm(folder, { recursive: true, force: true }));
  let ports = 0;
  const nextPort = (): number => (options.firstPort === undefined ? 0 : options.firstPort + ports++);

  const chain = await Bitcoind.start({ folder: join(folder, 'bitcoind') });
  cleanups.push(() => chain.stop());
  const proxy = await atPortOrElsewhere(nextPort(), (port) =>
    startProxy({
      port,
      allow: ['127.0.0.0/8', '::1'],
      origins: options.origins ?? ['*'],
      burst: 1000,
      perMinute: 6000,
      maxConnectionsPerAddress: 1000,
      graceMs: 1000,
    }),
  );
  cleanups.push(() => proxy.stop());
  const esploras: EsploraServer[] = [];
  for (let i = 0; i < (options.esploras ?? 1); i++) {
    const server = await atPortOrElsewhere(nextPort(), (port) => EsploraServer.start(chain.rpc, port));
    server.setFeeEstimates(STEADY);
    esploras.push(server);
    cleanups.push(() => server.stop());
  }
  const controlPort = nextPort();
  const plans = options.peers ?? DEFAULT_PEERS;
  const peerPorts = plans.map(({ port }) => port ?? nextPort());
  const peers = await Promise.all(
    plans.map(async ({ fundSat: _later, ...plan }, i) => {
      const peer = await atPortOrElsewhere(peerPorts[i] ?? 0, (port) =>
        LdkPeer.start(chain, { ...plan, port, folder: join(folder, `ldk-${i}`) }),
      );
      cleanups.push(() => peer.stop());
      return peer;
    }),
  );
  for (const [i, peer] of peers.entries()) {
    const { fundSat = 0n } = plans[i] ?? {};
    if ((await peer.onchainSat()) < fundSat) await peer.fund(fundSat);
  }
  const control = await atPortOrElsewhere(controlPort, (port) => ControlServer.start({ chain, peers }, port));
  cleanups.push(() => control.stop());
  const relay = await atPortOrElsewhere(nextPort(), (port) =>
    startPushRelay({
      port,
      folder: join(folder, 'push-relay'),
      origins: options.origins ?? ['*'],
      ...(options.pushServices === undefined ? {} : { pushServices: options.pushServices }),
    }),
  );
  cleanups.push(() => relay.stop());
  return { chain, esploras, proxy, relay, peers, control };
}

/** The last thing started is the first to go; what fails keeps nobody else. */
async function runAll(cleanups: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const cleanup of cleanups.toReversed()) {
    await cleanup().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the world did not stop in order');
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('this world was started without one');
  return item;
}
