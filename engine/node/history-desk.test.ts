import { describe, expect, it } from 'vitest';
import { outPointKey } from '../base/ids.ts';
import type { Write } from '../base/write.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { localCommitment } from '../channel/commitments.ts';
import { monitorRecord, pastRecord } from '../channel/snapshot/htlc-record.ts';
import { decode } from '../codec/field.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import type { KeyRange, StoreFailure } from '../storage/store.ts';
import type { CrashStore, Fate } from '../testkit/crash-store.ts';
import { HostileChannel } from '../testkit/hostile-channel.ts';
import { HostilePeer } from '../testkit/hostile-peer.ts';
import { openedNodes, type NodeSeat, type NodeWorld } from '../testkit/node-world.ts';
import { newSealedStore } from '../testkit/sealed-disk.ts';
import { value } from '../testkit/wallet-world.ts';

const rowsOf = ({ store }: NodeSeat): number => store.snapshot().get('monitor')?.size ?? 0;

it('the history of a channel is kept until no old state of it can be published any more, and then deleted', async () => {
  const { world, alice, bob, channelId } = await openedNodes();
  for (let i = 0; i < 3; i++) {
    const { invoice } = value(
      await world.ask(bob.api.bolt11.receive({ amountMsat: 10_000_000n, description: '' })),
    );
    value(await world.ask(alice.api.bolt11.send(invoice)));
  }
  expect(rowsOf(alice)).toBe(3);
  value(await world.ask(alice.api.closeChannel(channelId)));
  await world.mine(7);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
  await world.mine(270);
  await alice.restart();
  expect(rowsOf(alice)).toBe(3);
  await world.mine(20);
  expect(rowsOf(alice)).toBe(0);
  expect(rowsOf(bob)).toBe(0);
  expect(await alice.api.listChannels()).toMatchObject([{ state: 'closed' }]);
});

/** HTLCs in the commitment that Mallory keeps. */
const OLD = 20;

type Flooded = {
  readonly world: NodeWorld;
  readonly alice: NodeSeat;
  readonly channel: HostileChannel;
  readonly channelId: string;
  /** A commitment of Mallory's with HTLCs, which she has revoked since. */
  readonly revoked: Tx;
};

/** Mallory's channel with Alice, where nothing is folded yet: `OLD` HTLCs are past. */
async function flooded(): Promise<Flooded> {
  const { world, alice } = await openedNodes();
  const mallory = await HostilePeer.connect(world, 'mallory', alice);
  const channel = await HostileChannel.open(world, mallory, 5_000_000n);
  channel.offer(OLD, 20_000n);
  await channel.pump('update_fail_malformed_htlc');
  const { env, durable } = channel.side;
  const [latest] = durable.active;
  const commitment = localCommitment(durable.params, durable.ledger, latest, env);
  const revoked = env.signer.signLocalCommitment(commitment, latest.remoteSignature);
  await channel.comeBack(alice.name);
  expect(channel.side.settled).toHaveLength(OLD);
  channel.forget();
  return { world, alice, channel, channelId: durable.params.channelId, revoked };
}

/** In steps short enough for what a timer leads to to happen before the next one. */
async function wait(world: NodeWorld, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 0.5) await world.pass(500);
}

/** Each past HTLC on a disk, as many times as it is there. */
function past({ store }: NodeSeat): readonly string[] {
  const held: string[] = [];
  for (const [key, bytes] of store.snapshot().get('monitor') ?? []) {
    const [, direction, id] = key.split('/');
    if (direction === 'past')
      for (const htlc of value(decode(pastRecord, bytes)).htlcs)
        held.push(`${htlc.direction} ${htlc.id} ${htlc.paymentHash} ${htlc.cltvExpiry}`);
    else {
      const { paymentHash, cltvExpiry } = value(decode(monitorRecord, bytes));
      held.push(`${direction} ${id} ${paymentHash} ${cltvExpiry}`);
    }
  }
  return held.sort();
}

/** Mallory publishes it, and all that Alice does about it is mined. */
async function publish({ world, revoked }: Flooded): Promise<void> {
  world.chain.add(revoked);
  await world.mine(1);
  await wait(world, 10);
  await world.mine(1);
}

/** Outputs of the revoked commitment that nobody has taken. */
function untaken({ world, revoked }: Flooded): readonly bigint[] {
  const spent = new Set(
    world.chain.all().flatMap(({ inputs }) => inputs.map(({ outPoint }) => outPointKey(outPoint))),
  );
  return revoked.outputs.flatMap(({ amount }, index) =>
    spent.has(outPointKey({ txId: txIdOf(revoked), index })) ? [] : [amount],
  );
}
const ANCHORS = [330n, 330n];

const isFold = (writes: readonly Write[]): boolean =>
  writes.some(({ op, key }) => op === 'put' && key.includes('/past/'));
const isFoldScan = ({ below }: KeyRange): boolean => below?.endsWith('/outgoing0') === true;

/** From now on `before` sees what a disk is asked for, before the disk does. */
function spy(
  store: CrashStore,
  before: {
    readonly commit?: (writes: readonly Write[]) => void;
    readonly scan?: (range: KeyRange) => unknown;
  },
): void {
  const { commit, scan } = store;
  Object.assign(store, {
    commit: (writes: readonly Write[]) => {
      before.commit?.(writes);
      return commit(writes);
    },
    scan: async (...[table, range]: Parameters<typeof scan>) => {
      const refused = table === 'monitor' ? await before.scan?.(range) : undefined;
      return refused === undefined ? scan(table, range) : { ok: false, error: refused };
    },
  });
}

describe('past HTLCs', () => {
  it('are made one row of a hundred, in a run and after it, and what a revoked commitment has of them is found', async () => {
    const stage = await flooded();
    const { world, alice, channel } = stage;
    await channel.flood(330, 1_000n);
    const all = past(alice);
    expect([all.length, rowsOf(alice)]).toEqual([350, 350]);
    await wait(world, 15);
    expect([past(alice), rowsOf(alice)]).toEqual([all, 3 + 50]);
    await alice.restart();
    await channel.comeBack(alice.name);
    await channel.flood(250, 1_000n);
    expect(rowsOf(alice)).toBe(3 + 300);
    await wait(world, 15);
    expect(past(alice)).toHaveLength(600);
    expect(rowsOf(alice)).toBe(6);
    await publish(stage);
    expect(untaken(stage)).toEqual(ANCHORS);
  });

  it.each(['crash-before', 'crash-after'] as const)(
    'are all there, once each, wherever the process dies while they are folded (%s)',
    async (tag: Fate['tag'] & `crash-${string}`) => {
      const stage = await flooded();
      const { world, alice, channel } = stage;
      await channel.flood(280, 1_000n);
      const all = past(alice);
      for (let died = 0; died < 3; died++) {
        const { store } = alice;
        const before = rowsOf(alice);
        spy(store, { commit: (writes) => void (isFold(writes) && store.plan({ tag })) });
        await wait(world, 15);
        expect(alice.isDead).toBe(true);
        expect(past(alice)).toEqual(all);
        expect(rowsOf(alice)).toBe(tag === 'crash-after' ? before - 99 : before);
        await alice.restart();
      }
      await wait(world, 15);
      expect([past(alice), rowsOf(alice)]).toEqual([all, 3]);
      await publish(stage);
      expect(untaken(stage)).toEqual(ANCHORS);
    },
  );

  it('are not looked through while they are folded: a revoked commitment that comes then is punished all the same', async () => {
    const stage = await flooded();
    const { world, alice, channel, channelId } = stage;
    await channel.flood(280, 1_000n);
    const done: string[] = [];
    let goOn = (): void => undefined;
    spy(alice.store, {
      commit: (writes) => void (isFold(writes) && done.push('folded')),
      scan: (range) => {
        done.push(isFoldScan(range) ? 'looked for what to fold' : 'looked through');
        return isFoldScan(range) ? new Promise<void>((resolve) => (goOn = resolve)) : undefined;
      },
    });
    await wait(world, 12);
    await publish(stage);
    expect((await alice.api.listChannels()).find((one) => one.channelId === channelId)).toMatchObject({
      state: 'force-closing',
    });
    expect(done).toEqual(['looked for what to fold']);
    goOn();
    await wait(world, 10);
    // 201 rows that were left, and the one that was made.
    expect(done).toEqual(['looked for what to fold', 'folded', ...Array<string>(5).fill('looked through')]);
    await world.mine(1);
    expect(untaken(stage)).toEqual(ANCHORS);
    await wait(world, 60);
    expect(rowsOf(alice)).toBe(201);
  });

  it('are not folded while they are looked through', async () => {
    const stage = await flooded();
    const { world, alice, channel } = stage;
    await channel.flood(280, 1_000n);
    const done: string[] = [];
    let goOn = (): void => undefined;
    spy(alice.store, {
      commit: (writes) => void (isFold(writes) && done.push('folded')),
      scan: (range) => {
        done.push(isFoldScan(range) ? 'looked for what to fold' : 'looked through');
        return new Promise<void>((resolve) => (goOn = resolve));
      },
    });
    await publish(stage);
    await wait(world, 60);
    expect(done).toEqual(['looked through']);
    // Six pages of fifty, and one that shows that there are no more.
    for (let pages = 0; pages < 7; pages++) {
      goOn();
      await wait(world, 5);
    }
    await world.mine(1);
    expect(untaken(stage)).toEqual(ANCHORS);
    expect([done.includes('folded'), rowsOf(alice)]).toEqual([false, 300]);
  });

  it('stay what they are on a disk that cannot be read or is full, and are folded when it can', async () => {
    const { world, alice, channel } = await flooded();
    await channel.flood(280, 1_000n);
    const all = past(alice);
    const ill: StoreFailure = { code: 'unavailable', detail: 'an I/O error' };
    let isIll = true;
    spy(alice.store, { scan: (range) => (isIll && isFoldScan(range) ? ill : undefined) });
    await wait(world, 60);
    expect([past(alice), rowsOf(alice)]).toEqual([all, 300]);
    isIll = false;
    await channel.flood(100, 1_000n);
    const more = past(alice);
    alice.store.refuse({ code: 'quota', detail: 'full' });
    await wait(world, 60);
    expect([past(alice), rowsOf(alice)]).toEqual([more, 400]);
    alice.store.refuse(null);
    await wait(world, 30);
    expect([past(alice), rowsOf(alice)]).toEqual([more, 4]);
  });

  it('that cannot be read stay what they are, and nothing is written over', async () => {
    const { world, alice, channel, channelId } = await flooded();
    const strange: [string, Uint8Array][] = [
      // The first that would be folded, by its key.
      [`${channelId}/incoming/!`, Uint8Array.of(1)],
      [`${channelId}/past/incoming/0`, Uint8Array.of(2)],
    ];
    await alice.store.commit(
      strange.map(([key, bytes]) => ({ op: 'put', table: 'monitor', key, value: bytes })),
    );
    await channel.flood(280, 1_000n);
    await wait(world, 15);
    const rows = alice.store.snapshot().get('monitor');
    for (const [key, bytes] of strange) expect(rows?.get(key)).toEqual(bytes);
    // The first ninety-nine stay beside the first of these, since they would be named as the other; two hundred are folded.
    expect(rows?.size).toBe(strange.length + 99 + 2 + 1);
  });

  it('are no reason to look at the disk before there may be a hundred, and all are deleted in the end', async () => {
    const { world, alice, channel, channelId } = await flooded();
    let looks = 0;
    const count = (): void => spy(alice.store, { scan: (range) => void (isFoldScan(range) && looks++) });
    count();
    await channel.flood(79, 1_000n);
    await wait(world, 30);
    expect(looks).toBe(0);
    await channel.flood(1, 1_000n);
    await wait(world, 30);
    expect([looks, rowsOf(alice)]).toEqual([2, 1]);
    await channel.flood(99, 1_000n);
    await wait(world, 30);
    expect([looks, rowsOf(alice)]).toEqual([2, 100]);
    const closing = alice.api.closeChannel(channelId);
    await world.settle();
    await channel.pump();
    value(await closing);
    await world.mine(7);
    await world.mine(290);
    expect(rowsOf(alice)).toBe(0);
  });

  it('cost a flood of them few rows and bytes on the sealed disk', async () => {
    const { world, alice, channel } = await flooded();
    for (const count of [380, 400, 200]) {
      await channel.flood(count, 1_000n);
      await wait(world, 15);
    }
    const disk = new MemoryStore();
    const sealed = await newSealedStore(disk);
    const { commit } = disk;
    let written = 0;
    Object.assign(disk, {
      commit: (writes: readonly Write[]) => {
        for (const write of writes)
          written += write.key.length + (write.op === 'put' ? write.value.length : 0);
        return commit(writes);
      },
    });
    let folding = 0;
    for (const writes of alice.store.commits) {
      const before = written;
      value(await sealed.commit(writes));
      if (isFold(writes)) folding += written - before;
    }
    const rows = [...(disk.snapshot().get('monitor') ?? [])];
    const bytes = rows.reduce((sum, [key, bytes]) => sum + key.length + bytes.length, 0);
    const htlcs = past(alice).length;
    expect(htlcs).toBe(1_000);
    expect(rows.length / htlcs).toBeLessThan(1 / 20);
    expect(bytes / htlcs).toBeLessThan(60);
    expect(folding / htlcs).toBeLessThan(100);
  });
});
