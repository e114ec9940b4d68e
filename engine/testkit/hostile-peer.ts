import type { NodeId, OutPoint } from '../base/ids.ts';
import { sat, satToMsat } from '../base/units.ts';
import { firstCommitments } from '../channel/phases/opening/first-commitments.ts';
import { transition } from '../channel/machine.ts';
import { newChannel, type ChannelState } from '../channel/state.ts';
import type { ChannelEvent } from '../channel/event.ts';
import type { ChannelMessage } from '../channel/message.ts';
import type { CommandId } from '../base/ids.ts';
import type { Effect } from '../channel/effect.ts';
import type { Env } from '../channel/env.ts';
import { Secret } from '../crypto/secret.ts';
import { identityOf } from '../noise/handshake.ts';
import { PeerConnections } from '../peer/connections.ts';
import { featuresFor } from '../wire/features.ts';
import type { Init } from '../wire/connection.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import type { NodeSeat, NodeWorld } from './node-world.ts';
import { seeded, TEST_FEATURES, testEnv, walletScript } from './two-peer-env.ts';
import { sessionConfig } from './session-config.ts';

/** Somebody who says to a node whatever a test wants said. */
export class HostilePeer {
  readonly heard: WireMessage[] = [];
  readonly env: Env;
  readonly #world: NodeWorld;
  readonly #connections: PeerConnections;
  readonly #target: NodeId;
  #init: Init | null = null;

  private constructor(world: NodeWorld, name: string, target: NodeId) {
    this.#world = world;
    this.#target = target;
    this.env = { ...testEnv({ name }, 'target'), peerId: target };
    this.#connections = new PeerConnections({
      dial: world.network.dial,
      clock: world.clock,
      random: this.env.random,
      session: sessionConfig(1, {
        identity: identityOf(new Secret(seeded(name, 'node'))),
        features: featuresFor('I', TEST_FEATURES),
      }),
      hasChannel: () => false,
      onUp: (nodeId, init, connection) => {
        this.#init = init;
        this.#connections.begin(nodeId, connection);
      },
      onMessage: (_, message) => this.heard.push(message),
      onDown: () => {
        this.#init = null;
      },
      onChange: () => undefined,
    });
  }

  static async connect(world: NodeWorld, name: string, seat: NodeSeat): Promise<HostilePeer> {
    const target = (await seat.id()) as NodeId;
    const peer = new HostilePeer(world, name, target);
    await peer.dial(seat.name);
    return peer;
  }

  async dial(host: string): Promise<void> {
    this.#connections.connect(this.#target, { host, port: 9735 }, () => undefined);
    await this.#world.settle();
  }

  get isConnected(): boolean {
    return this.#init !== null;
  }

  /** What the node said first on this connection. */
  get init(): Init {
    if (this.#init === null) throw new Error('not connected');
    return this.#init;
  }

  say(...messages: readonly WireMessage[]): void {
    for (const message of messages) this.#connections.send(this.#target, message);
  }

  async hangUp(): Promise<void> {
    this.#connections.release(this.#target);
    await this.#world.settle();
  }

  /**
   * Opens a channel that is said to be funded by `outPoint`, whoever that belongs to, up to funding_signed. `amount` and
   * `pushed` in satoshi.
   */
  async openFrom(outPoint: OutPoint, amount: bigint, salt = 0, pushed = 0n): Promise<void> {
    const env: Env = { ...this.env, random: (length) => this.env.random(length).map((byte) => byte ^ salt) };
    let state: ChannelState = newChannel;
    const apply = (event: ChannelEvent): readonly Effect[] => {
      const step = transition(state, event, env);
      state = step.next;
      return step.after;
    };
    if (this.#init === null) throw new Error('not connected');
    apply({ tag: 'connected', remoteInit: this.#init });
    const [opening] = apply({
      tag: 'command',
      id: 'open' as CommandId,
      command: {
        tag: 'open',
        amount: sat(amount),
        push: satToMsat(sat(pushed)),
        announce: false,
        zeroConf: false,
        feerate: env.feerates.normal,
        shutdownScript: walletScript('hostile'),
      },
    });
    if (opening?.tag !== 'send') throw new Error('nothing to say');
    this.say(opening.message);
    await this.#world.settle();
    const accepted = this.heard.findLast((message) => message.name === 'accept_channel');
    if (accepted === undefined) return;
    apply({ tag: 'message', message: accepted as ChannelMessage });
    const { session } = state;
    if (session.link !== 'opening' || session.open.stage !== 'funding-wanted')
      throw new Error('not accepted');
    const { agreement } = session.open;
    const { remote } = firstCommitments(agreement, 'local', outPoint, env);
    this.say({
      name: 'funding_created',
      temporaryChannelId: agreement.temporaryId,
      fundingTxId: outPoint.txId,
      fundingOutputIndex: outPoint.index,
      signature: env.signer.signRemoteCommitment(remote).signature,
    });
    await this.#world.settle();
  }
}
