import { join } from 'node:path';
import type { GraphChannel } from '../../../engine/node/graph-api.ts';
import type { LdkPeer } from '../../world/ldk/ldk-peer.ts';
import type { ListeningLeyden } from '../../world/leyden/leyden.ts';
import type { LocalLeyden } from '../../world/leyden/local-leyden.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { eachKnowsTheOther } from '../../interop/scenarios/network.ts';
import { startLdk, type PeerKind } from './peer-kinds.ts';
import { DEEP, Stage } from './stage.ts';
import { valueOf } from './values.ts';

/** What each forwarding node asks for, whatever the amount. */
export const FORWARD_FEE = 1_000n;

/** Of each channel of `hidden`, all of it the other end's. Little: who fills two of them still has to pay others. */
export const HIDDEN_SAT = 60_000n;

type NodeName = 'anna' | 'bert' | 'cleo' | 'dora' | 'emil';
const NAMES: readonly NodeName[] = ['anna', 'bert', 'cleo', 'dora', 'emil'];

/**
 * Seven nodes, five of them LDK, `us` and `hidden` ours:
 *
 *     us ┄┄ anna ── cleo ── dora ── emil ┄┄ hidden
 *     us ── bert ── cleo
 *           bert ─────────── dora
 *
 * ── is public, ┄┄ is private. Each public channel but those of `us` holds half of its money on either side. Who is
 * invited comes behind dora.
 */
export class Network {
  readonly stage: Stage<LdkPeer>;
  readonly us: LocalLeyden;
  readonly hidden: ListeningLeyden;
  readonly peers: Readonly<Record<NodeName, LdkPeer>>;
  /** Channel ids, by the two names. */
  readonly channels: ReadonlyMap<string, string>;

  private constructor(parts: Omit<Network, 'channelBetween' | 'publicChannels' | 'invite' | 'stop'>) {
    this.stage = parts.stage;
    this.us = parts.us;
    this.hidden = parts.hidden;
    this.peers = parts.peers;
    this.channels = parts.channels;
  }

  static async start(): Promise<Network> {
    const stage = await Stage.start({ name: 'LDK', start: startLdk });
    const peers = await Promise.all(NAMES.map(async (alias) => [alias, await stage.peer({ alias })]));
    const named = Object.fromEntries(peers) as Record<NodeName, LdkPeer>;
    const us = await stage.local();
    const hidden = await stage.local();
    for (const peer of Object.values(named)) await peer.fund(20_000_000n);
    await stage.fund(us, 20_000_000n);

    const channels = new Map<string, string>();
    const open = async (from: NodeName, to: NodeName): Promise<void> => {
      await named[from].connect(named[to].id, named[to].address);
      const opened = await named[from].openChannel({
        nodeId: named[to].id,
        capacitySat: 2_000_000n,
        pushMsat: 1_000_000_000n,
        announce: true,
      });
      await stage.inMempool(opened.fundingTxId);
      channels.set(`${from} ${to}`, opened.channelId);
    };
    await open('anna', 'cleo');
    await open('bert', 'cleo');
    await open('cleo', 'dora');
    await open('dora', 'emil');
    // Two of one node's in a row would spend the same coins.
    await stage.mine(1);
    await open('bert', 'dora');
    const ours = async (to: NodeName, announce: boolean): Promise<void> => {
      await stage.connect(us, named[to]);
      const { channelId, fundingTxId } = valueOf(
        await us.api.openChannel({
          nodeId: named[to].id,
          ...named[to].address,
          amountSat: 1_000_000n,
          announce,
        }),
      );
      await stage.inMempool(fundingTxId);
      channels.set(`us ${to}`, channelId);
    };
    await ours('anna', false);
    await ours('bert', true);
    await stage.connect(hidden, named.emil);
    const { channelId, fundingTxId } = await named.emil.openChannel({
      nodeId: hidden.id,
      capacitySat: HIDDEN_SAT,
    });
    await stage.inMempool(fundingTxId);
    channels.set('emil hidden', channelId);
    await stage.mine(6);
    const network = new Network({ stage, us, hidden, peers: named, channels });
    for (const [names, id] of channels) {
      const [from = '', to = ''] = names.split(' ');
      for (const name of [from, to])
        if (name in named)
          await named[name as NodeName].waitForChannel(
            (channel) => channel.channelId === id && channel.isUsable,
            `the channel of ${names}`,
          );
    }
    await network.#sayTerms();
    return network;
  }

  /**
   * LDK says its terms to the other end when a channel is ready, and once more right behind the announcement: where that
   * arrives before the other end has the announcement on its own map, it is dropped, and nobody hears of it. With each
   * connection it is said again.
   */
  async #sayTerms(): Promise<void> {
    for (const names of this.channels.keys()) {
      const [one, other] = names
        .split(' ')
        .map((name) => this.peers[name as NodeName] as LdkPeer | undefined);
      if (one === undefined || other === undefined) continue;
      const id = this.channelBetween(one.alias, other.alias);
      const both = () =>
        Promise.all(
          [one, other].map((end) =>
            end.waitForChannel((channel) => channel.channelId === id && channel.isUsable, `${names} again`),
          ),
        );
      const knows = async (end: LdkPeer): Promise<boolean> => {
        const scid = (await end.channels()).find(({ channelId }) => channelId === id)?.shortChannelId;
        return scid != null && (await end.knownChannels()).includes(scid);
      };
      await until(
        async () => {
          if ((await knows(one)) && (await knows(other))) return true;
          await one.disconnect(other.id);
          await one.connect(other.id, other.address);
          await both();
          return null;
        },
        { what: `both ends of ${names} to know its terms`, everyMs: 200, timeoutMs: 60_000 },
      );
    }
  }

  /** Somebody else's node, by one more public channel of dora's. */
  async invite({ start, readyAfter = 0 }: PeerKind<RealPeer>): Promise<RealPeer> {
    const { stage } = this;
    const { dora } = this.peers;
    const alias = 'guest';
    const guest = await start(stage.chain, { alias, folder: join(stage.folder, alias) });
    stage.adopt(guest);
    // Some take no channel with anchors before they have coins to pay for its claims.
    await guest.fund(1_000_000n);
    await dora.connect(guest.id, guest.address);
    const { channelId, fundingTxId } = await dora.openChannel({
      nodeId: guest.id,
      capacitySat: 2_000_000n,
      pushMsat: 1_000_000_000n,
      announce: true,
    });
    await stage.inMempool(fundingTxId);
    const usable = async (): Promise<void> => {
      for (const end of [dora, guest])
        await end.waitForChannel(
          (channel) => channel.channelId === channelId && channel.isUsable,
          'the channel of dora and the guest',
        );
    };
    if (readyAfter > 0) {
      await stage.mine(readyAfter);
      await usable();
      await guest.hearsTerms?.(channelId);
    }
    await stage.mine(DEEP + 1 - readyAfter);
    await usable();
    await eachKnowsTheOther(guest, dora, channelId);
    return guest;
  }

  channelBetween(from: string, to: string): string {
    const id = this.channels.get(`${from} ${to}`);
    if (id === undefined) throw new Error(`no channel of ${from} and ${to}`);
    return id;
  }

  /** What `who` has on its map, once `matches` is true of it. */
  publicChannels(
    who: ListeningLeyden,
    matches: (channels: readonly GraphChannel[]) => boolean,
  ): Promise<readonly GraphChannel[]> {
    const list = async () => valueOf(await who.api.networkGraph.listChannels(0, 100)).items;
    return until(
      async () => {
        const channels = await list();
        return matches(channels) ? channels : null;
      },
      { what: 'the map', describe: async () => [await list(), who.log.slice(-20)] },
    );
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }
}
