import { beforeAll, expect, test } from 'vitest';
import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import type { ChannelId, NodeId } from '../base/ids.ts';
import { ok } from '../base/result.ts';
import { msat, sat, feeratePerKw } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { ChannelMessage } from '../channel/message.ts';
import { firstCommitments } from '../channel/phases/opening/first-commitments.ts';
import { channelSecrets } from '../commitment/channel-keys.ts';
import { memorySigner } from '../commitment/memory-signer.ts';
import { installSecp256k1 } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import { systemClock } from '../platform/system-clock.ts';
import { nodeIdOf, seeded, testEnv, TEST_FEATURES, walletScript } from '../testkit/two-peer-env.ts';
import { Side } from '../testkit/two-peer-side.ts';
import { confirmedAt } from '../testkit/two-peer.ts';
import { wasmBackend } from '../testkit/wasm-backend.ts';
import { featuresFor } from '../wire/features.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import { ChannelHost, type Machine } from './channel-host.ts';
import { Driver } from './driver.ts';
import { PeerRouter } from './peer-router.ts';
import { Turn } from './turn.ts';

beforeAll(async () => installSecp256k1(await wasmBackend()));

const init = {
  name: 'init',
  globalFeatures: new Uint8Array(),
  features: featuresFor('I', TEST_FEATURES),
} as const;

/** Bob, who accepts every channel, among peers that are machines of their own. */
class Accepting {
  readonly disk = new Map<string, Uint8Array>();
  readonly host: ChannelHost;
  readonly router: PeerRouter;
  readonly #driver: Driver;
  readonly #peers = new Map<NodeId, Side>();
  readonly #said: { readonly to: NodeId; readonly message: WireMessage }[] = [];
  readonly bugs: unknown[] = [];
  readonly hungUp: NodeId[] = [];

  constructor(machine?: Machine) {
    this.#driver = new Driver({
      commit: (writes) => {
        for (const write of writes) this.#write(write);
        return Promise.resolve(ok(undefined));
      },
      clock: systemClock,
      onDrained: (turn) => this.host.drained(turn),
      onBug: (error) => this.bugs.push(error),
      onHalt: (error) => this.bugs.push(error),
      onStorage: () => undefined,
      onSettled: () => undefined,
    });
    let drawn = 0;
    const random = (length: number) => seeded('bob', `random ${drawn++}`).slice(0, length);
    const send = (to: NodeId, message: WireMessage) => this.#said.push({ to, message });
    this.host = new ChannelHost(
      this.#driver,
      {
        env: ({ keyId, peerId }, host) => ({
          ...testEnv({ name: 'bob' }, 'anybody'),
          peerId,
          keyId,
          signer: memorySigner(channelSecrets(new Secret(keyId), new Secret(seeded('bob', 'payment')))),
          ...host,
        }),
        send,
        disconnect: (peerId) => this.hungUp.push(peerId),
        publish: () => undefined,
        watch: () => undefined,

        onDemand: () => undefined,
        recall: () => undefined,
        onOffer: () => undefined,
        onTakenBack: () => undefined,
        onSettle: () => true,
        onNotice: (turn, channel, notice) => {
          if (notice.tag === 'channel-id') this.host.rename(channel, notice.final);
          if (notice.tag === 'open-failed') this.host.forget(channel);
          if (notice.tag === 'open-requested')
            this.host.command(turn, channel, {
              tag: 'accept',
              shutdownScript: walletScript('bob'),
              minimumDepth: 3,
            });
        },
        onFrozen: (_turn, _channel, error) => this.bugs.push(error),
      },
      random,
      machine,
    );
    this.router = new PeerRouter({
      channels: this.host,
      height: () => testEnv({ name: 'bob' }, 'anybody').height,
      isCurrent: () => true,
      remoteInit: () => init,
      send,
      onUnknownChannel: () => false,
      backup: { up: () => undefined, down: () => undefined, heard: () => true },
      lsp: {
        expects: () => false,
        up: () => undefined,
        down: () => undefined,
        heard: () => undefined,
      },
    });
  }

  /** A peer that has asked for a channel. */
  async opener(name: string, nth = 0): Promise<Side> {
    const side = new Side({ name }, 'bob');
    side.env = { ...side.env, random: (length) => seeded(name, `random of ${nth}`).slice(0, length) };
    this.#peers.set(nodeIdOf(name), side);
    side.apply({ tag: 'connected', remoteInit: init });
    side.command({
      tag: 'open',
      amount: sat(1_000_000),
      push: msat(0),
      announce: false,
      zeroConf: false,
      feerate: feeratePerKw(1_000),
      shutdownScript: walletScript(name),
    });
    await this.pump();
    return side;
  }

  async hear(from: string, message: ChannelMessage): Promise<void> {
    this.#driver.submit((turn) => this.router.message(turn, nodeIdOf(from), message));
    await this.#driver.idle();
  }

  /** The channel of `side` is open and used. */
  async confirmed(side: Side): Promise<void> {
    build(side);
    await this.pump();
    const { channelId } = side.durable.params;
    const tx = side.published.at(-1)?.tx;
    const channel = this.host.get(channelId);
    assert(tx !== undefined && channel !== null, 'not funded');
    const { txId } = side.durable.active[0].funding.outPoint;
    const event = { tag: 'confirmed', txId, tx, at: confirmedAt(90), tipHeight: side.env.height } as const;
    side.apply({ tag: 'chain', event });
    this.#driver.submit((turn) => this.host.deliver(turn, channel, { tag: 'chain', event }));
    await this.#driver.idle();
    await this.pump();
    assert(channel.state.durable?.phase === 'normal', 'not ready');
  }

  /** Until nobody has anything to say. */
  async pump(): Promise<void> {
    for (;;) {
      const { said } = { said: this.#said.splice(0) };
      for (const { to, message } of said)
        this.#peers.get(to)?.apply({ tag: 'message', message: message as ChannelMessage });
      const heard = [...this.#peers.values()].flatMap((side) =>
        side.outbox.splice(0).map((message) => ({ from: side.name, message })),
      );
      if (said.length === 0 && heard.length === 0) return;
      for (const { from, message } of heard) await this.hear(from, message);
    }
  }

  #write(write: Write): void {
    const key = `${write.table} ${write.key}`;
    if (write.op === 'put') this.disk.set(key, write.value);
    else this.disk.delete(key);
  }
}

/** The funding transaction of the wallet of `side`. */
function build(side: Side): void {
  const { script, amount } = side.notice('funding-needed');
  const input = {
    outPoint: { txId: side.env.network.genesisHash as string as never, index: 0 },
    sequence: 0xffff_fffd,
    scriptSig: new Uint8Array(),
    witness: [new Uint8Array(71), new Uint8Array(33)],
  };
  side.command({
    tag: 'funding-built',
    tx: { version: 2, inputs: [input], outputs: [{ amount, script }], lockTime: 0 },
    outputIndex: 0,
  });
}

test('a channel that claims the funding output of another does not take its place', async () => {
  const bob = new Accepting();
  const alice = await bob.opener('alice');
  build(alice);
  await bob.pump();
  const { channelId } = alice.durable.params;
  const victim = bob.host.get(channelId);
  const before = new Map(bob.disk);
  expect(victim?.state.durable?.phase).toBe('funding-pending');

  // Mallory signs a first commitment that spends the output of alice's channel: only her own keys are in it.
  const mallory = await bob.opener('mallory');
  const { session } = mallory.state;
  assert(session.link === 'opening' && session.open.stage === 'funding-wanted', 'not accepted');
  const { agreement } = session.open;
  const { outPoint } = alice.durable.active[0].funding;
  const first = firstCommitments(agreement, 'local', outPoint, mallory.env);
  await bob.hear('mallory', {
    name: 'funding_created',
    temporaryChannelId: agreement.temporaryId,
    fundingTxId: outPoint.txId,
    fundingOutputIndex: outPoint.index,
    signature: mallory.env.signer.signRemoteCommitment(first.remote).signature,
  });
  await bob.pump();

  expect(bob.bugs).toEqual([]);
  expect(bob.host.get(channelId)).toBe(victim);
  expect(bob.disk).toEqual(before);
  expect(bob.host.ofPeer(nodeIdOf('mallory'))).toEqual([]);
});

test('a peer that never funds its channels can open only so many', async () => {
  const bob = new Accepting();
  for (let nth = 0; nth < 4; nth++) {
    build(await bob.opener('mallory', nth));
    await bob.pump();
  }
  expect(bob.host.ofPeer(nodeIdOf('mallory'))).toHaveLength(4);
  const fifth = await bob.opener('mallory', 4);
  expect(fifth.notices).toContainEqual(expect.objectContaining({ tag: 'open-failed' }));
  expect(bob.host.ofPeer(nodeIdOf('mallory'))).toHaveLength(4);
  await bob.opener('alice');
  expect(bob.host.ofPeer(nodeIdOf('alice'))).toHaveLength(1);
});

// BOLT 2 §start_batch: "If one of those messages is not for the specified `channel_id`: MUST send a `warning` and close
// the connection"
test('a message about another channel in the middle of a batch ends the connection, and is not heard', async () => {
  const bob = new Accepting();
  const alice = await bob.opener('alice');
  await bob.confirmed(alice);
  const { channelId } = alice.durable.params;
  await bob.hear('alice', { name: 'start_batch', channelId, batchSize: 2, messageType: 132 });
  // Another peer is no part of it.
  await bob.opener('mallory');
  expect(bob.hungUp).toEqual([]);
  expect(bob.host.ofPeer(nodeIdOf('mallory'))).toHaveLength(1);

  await bob.opener('alice', 1);
  expect(bob.hungUp).toEqual([nodeIdOf('alice')]);
  expect(bob.host.ofPeer(nodeIdOf('alice'))).toHaveLength(1);
  expect(bob.host.get(channelId)?.state.durable?.phase).toBe('normal');
  expect(bob.bugs).toEqual([]);
});

test('what is said of channels is said by the one writer of the disk alone, also where there is nothing to save', () => {
  const channelId = toHex(seeded('alice', 'channel')) as ChannelId;
  const message = { name: 'shutdown', channelId, script: walletScript('bob') } as const;
  const bob = new Accepting({
    transition: (next) => ({ next, commit: [], after: [{ tag: 'send', message }] }),
    resume: () => [],
  });
  const [again, unknown] = [new Turn(), new Turn()];
  bob.host.deliver(again, bob.host.add(channelId, nodeIdOf('alice')), { tag: 'disconnected' });
  const heard = { name: 'channel_reestablish', channelId, nextCommitmentNumber: 1n } as WireMessage;
  bob.router.message(unknown, nodeIdOf('mallory'), heard);
  for (const turn of [again, unknown]) {
    expect(turn.writes).toEqual([]);
    expect(turn.effects).not.toEqual([]);
    expect(turn.commits).toBe(true);
  }
});
