import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBolt11 } from '../../engine/invoice/bolt11-decode.ts';
import { IMPLEMENTATIONS, isHere } from '../interop/implementations.ts';
import type { LdkPeer } from '../world/ldk/ldk-peer.ts';
import { scidText } from '../world/scid-text.ts';
import { until } from '../world/until.ts';
import { FORWARD_FEE, HIDDEN_SAT, Network } from './scenarios/network.ts';
import { pay, waitForPayment } from './scenarios/stage.ts';
import { codeOf, newSecret, valueOf } from './scenarios/values.ts';

const GUEST = IMPLEMENTATIONS.find((one) => one.name === 'ldk-node' && isHere(one));

// One network for all: each scenario leaves it so that the next one can go on.
describe('a network of seven nodes', () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.start();
  });
  afterAll(() => network.stop());

  const invoiceOf = async (peer: LdkPeer, amountMsat: bigint): Promise<string> =>
    (await peer.createInvoice({ amountMsat })).bolt11;

  // BOLT 4 §Failure Messages: temporary_channel_failure is UPDATE|7.
  const NOT_NOW = 0x1007;

  /** It fails for now: each of those names had it once, and says that the channel onward cannot take it. */
  const expectRefusedBy = async (paymentId: string, names: readonly string[]): Promise<void> => {
    const { us, peers } = network;
    const { state, failure } = await waitForPayment(us, paymentId);
    expect([state, failure?.code, failure?.bolt4Code]).toEqual(['failed', 'temporary', NOT_NOW]);
    const parts = valueOf(await us.api.paymentParts(paymentId));
    const stops = parts.map((part) => {
      const at = part.hops[part.stoppedAt ?? -1]?.nodeId;
      return Object.entries(peers).find(([, { id }]) => id === at)?.[0] ?? at;
    });
    // How often each was asked is the finder's affair: it tries smaller parts.
    expect(new Set(stops)).toEqual(new Set(names));
    for (const part of parts) expect([part.state, part.failure?.bolt4Code]).toEqual(['failed', NOT_NOW]);
  };

  /** What a channel's first end, or its second, could send now. */
  const outboundOf = async (peer: LdkPeer, from: string, to: string): Promise<bigint> => {
    const id = network.channelBetween(from, to);
    return (await peer.channels()).find(({ channelId }) => channelId === id)?.outboundMsat ?? 0n;
  };

  test('the map comes from the peers: every public channel as it stands on the chain, no private one', async () => {
    const { us, peers, channels } = network;
    const map = await network.publicChannels(
      us,
      (all) => all.length === 6 && all.every(({ fromA, fromB }) => fromA !== null && fromB !== null),
    );
    const ids = Object.fromEntries(Object.entries(peers).map(([name, { id }]) => [id, name]));
    const ends = map.map(({ nodeA, nodeB, capacitySat, fromA, fromB }) => ({
      ends: [ids[nodeA] ?? 'us', ids[nodeB] ?? 'us'].sort().join(' '),
      capacitySat,
      off: [fromA?.disabled, fromB?.disabled].filter(Boolean).length,
    }));
    expect(ends.toSorted((a, b) => (a.ends < b.ends ? -1 : 1))).toEqual([
      { ends: 'anna cleo', capacitySat: 2_000_000n, off: 0 },
      { ends: 'bert cleo', capacitySat: 2_000_000n, off: 0 },
      { ends: 'bert dora', capacitySat: 2_000_000n, off: 0 },
      // Our direction: we relay for nobody.
      { ends: 'bert us', capacitySat: 1_000_000n, off: 1 },
      { ends: 'cleo dora', capacitySat: 2_000_000n, off: 0 },
      { ends: 'dora emil', capacitySat: 2_000_000n, off: 0 },
    ]);
    expect(channels.size).toBe(8);
    expect(codeOf(await us.api.networkGraph.node(network.hidden.id))).toBe('not-on-the-map');
  });

  test('over one, two, three and four channels, at what the nodes between ask for', async () => {
    const { us, peers, hidden } = network;
    const amountMsat = 5_000_000n;
    const far = valueOf(await hidden.api.bolt11.receive({ amountMsat, description: 'far' })).invoice;
    for (const [invoice, channels] of [
      [await invoiceOf(peers.anna, amountMsat), 1],
      [await invoiceOf(peers.cleo, amountMsat), 2],
      [await invoiceOf(peers.dora, amountMsat), 2],
      // Over bert and dora; and from emil on, along a hint.
      [await invoiceOf(peers.emil, amountMsat), 3],
      [far, 4],
    ] as const) {
      const sent = await pay(us, invoice);
      const feeMsat = BigInt(channels - 1) * FORWARD_FEE;
      expect(sent).toMatchObject({ state: 'succeeded', amountMsat, feeMsat });
      const parts = valueOf(await us.api.paymentParts(sent.id));
      expect(parts.map(({ state, hops }) => [state, hops.length])).toEqual([['fulfilled', channels]]);
    }
  });

  test('to a node that is known by a hint alone', async () => {
    const { us, hidden } = network;
    const request = valueOf(await hidden.api.bolt11.receive({ amountMsat: 7_000_000n, description: 'hint' }));
    // Over bert, dora and emil: four channels.
    expect(await pay(us, request.invoice)).toMatchObject({ state: 'succeeded', feeMsat: 3n * FORWARD_FEE });
    expect(await waitForPayment(hidden, request.paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: 7_000_000n,
    });
  });

  test('from others, who know us by our public channel alone', async () => {
    const { us, peers } = network;
    const before = (await us.api.listBalances()).lightning.localMsat;
    // Over dora and bert: no invoice, so no hint.
    expect((await peers.emil.paySpontaneously(us.id, 3_000_000n)).feeMsat).toBe(2n * FORWARD_FEE);
    await until(async () => (await us.api.listBalances()).lightning.localMsat === before + 3_000_000n, {
      what: 'it to arrive',
    });
    // Nobody but emil knows of the other.
    await expect(peers.dora.paySpontaneously(network.hidden.id, 1_000_000n)).rejects.toThrow('RouteNotFound');
  });

  test('to a node that is known by hints alone, in parts: one for each of its channels', async () => {
    const { us, hidden, peers, stage } = network;
    const { cleo, emil } = peers;
    await network.publicChannels(us, (all) => all.length === 6);
    await stage.connect(hidden, cleo);
    const second = await cleo.openChannel({ nodeId: hidden.id, capacitySat: HIDDEN_SAT });
    await stage.inMempool(second.fundingTxId);
    await stage.mine(6);
    await stage.usable(hidden, cleo, second.channelId);
    // More than either holds.
    const amountMsat = 1_500n * HIDDEN_SAT;
    const request = await until(
      async () => {
        const made = valueOf(await hidden.api.bolt11.receive({ amountMsat, description: 'hints' }));
        const { routeHints } = valueOf(decodeBolt11(made.invoice, 'regtest'));
        const ends = new Set<string | undefined>(routeHints.map((hint) => hint.at(-1)?.nodeId));
        return ends.has(cleo.id) && ends.has(emil.id) ? made : null;
      },
      { what: 'hints at both channels' },
    );
    const paid = await pay(us, request.invoice);
    expect(paid).toMatchObject({ state: 'succeeded', amountMsat });
    expect(await waitForPayment(hidden, request.paymentId)).toMatchObject({ state: 'succeeded', amountMsat });
    const parts = valueOf(await us.api.paymentParts(paid.id)).filter(({ state }) => state !== 'failed');
    expect(parts.reduce((sum, part) => sum + part.amountMsat, 0n)).toBe(amountMsat);
    const before = parts.map(({ hops }) => hops.at(-2)?.nodeId);
    expect(new Set(before)).toEqual(new Set([cleo.id, emil.id]));
  });

  test('a node that holds the payment: it waits, and is paid or given back', async () => {
    const { us, peers } = network;
    for (const isClaimed of [true, false]) {
      const { paymentHash, preimage } = newSecret();
      const { bolt11 } = await peers.emil.createInvoice({ amountMsat: 6_000_000n, paymentHash });
      const { paymentId } = valueOf(await us.api.bolt11.send(bolt11));
      await peers.emil.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
      expect(valueOf(await us.api.payment(paymentId)).state).toBe('pending');
      await (isClaimed ? peers.emil.claim(preimage) : peers.emil.fail(paymentHash));
      expect(await waitForPayment(us, paymentId)).toMatchObject(
        isClaimed
          ? { state: 'succeeded', preimage }
          : { state: 'failed', failure: { code: 'unknown-to-recipient', hop: 2 } },
      );
    }
  });

  test('a node between that goes while the payment is held behind it: it waits, and arrives once the node is back', async () => {
    const { us, peers } = network;
    const { paymentHash, preimage } = newSecret();
    const { bolt11 } = await peers.emil.createInvoice({ amountMsat: 6_000_000n, paymentHash });
    const { paymentId } = valueOf(await us.api.bolt11.send(bolt11));
    await peers.emil.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
    await peers.dora.kill();
    await peers.emil.claim(preimage);
    expect(valueOf(await us.api.payment(paymentId)).state).toBe('pending');
    await peers.dora.restart();
    for (const peer of [peers.bert, peers.cleo, peers.emil]) await peers.dora.connect(peer.id, peer.address);
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded', preimage });
  });

  test('in parts, over ways that share nothing', async () => {
    const { us, peers } = network;
    const before = await us.api.listChannels();
    // More than either of our channels holds, and than either of cleo's could take in.
    const amountMsat = 1_300_000_000n;
    const paid = await pay(us, await invoiceOf(peers.cleo, amountMsat));
    expect(paid).toMatchObject({ state: 'succeeded', amountMsat });
    const parts = valueOf(await us.api.paymentParts(paid.id)).filter(({ state }) => state !== 'failed');
    expect(parts.reduce((sum, part) => sum + part.amountMsat, 0n)).toBe(amountMsat);
    // Neither a channel nor a node between us and her.
    const [viaAnna, viaBert] = (['anna', 'bert'] as const).map((first) => {
      const own = network.channelBetween('us', first);
      const hops = parts.filter(({ channelId }) => channelId === own).flatMap((part) => part.hops);
      return {
        nodes: new Set(hops.map(({ nodeId }) => nodeId)),
        channels: new Set(hops.map(({ shortChannelId }) => shortChannelId).filter((scid) => scid !== null)),
      };
    });
    expect([...(viaAnna?.nodes ?? [])].filter((id) => viaBert?.nodes.has(id))).toEqual([peers.cleo.id]);
    expect([...(viaAnna?.channels ?? [])].filter((scid) => viaBert?.channels.has(scid))).toEqual([]);
    const after = await us.api.listChannels();
    for (const { channelId, localMsat } of before)
      expect(after.find((one) => one.channelId === channelId)?.localMsat).toBeLessThan(localMsat);
    // And some of it back, so that there is something to pay with.
    for (let i = 0; i < 2; i++) {
      const request = valueOf(await us.api.bolt11.receive({ amountMsat: 300_000_000n, description: 'back' }));
      await peers.cleo.pay(request.invoice);
      expect((await waitForPayment(us, request.paymentId)).state).toBe('succeeded');
    }
  });

  test('our own money, from one channel to the other, at the price that was quoted', async () => {
    const { us } = network;
    const localOf = async (channelId: string): Promise<bigint> =>
      (await us.api.listChannels()).find((one) => one.channelId === channelId)?.localMsat ?? 0n;
    const fromChannelId = network.channelBetween('us', 'anna');
    const toChannelId = network.channelBetween('us', 'bert');
    const amountMsat = 50_000_000n;
    const before = [await localOf(fromChannelId), await localOf(toChannelId)] as const;
    // Out to anna, over cleo, in from bert.
    const feeMsat = 3n * FORWARD_FEE;
    const request = { fromChannelId, toChannelId, amountMsat };
    const { maxFeeMsat } = valueOf(await us.api.quoteRebalance(request));
    expect(valueOf(await us.api.quoteRebalance(request)).feeMsat).toBe(feeMsat);
    expect([await localOf(fromChannelId), await localOf(toChannelId)]).toEqual(before);
    const description = 'from one to the other';
    const { paymentId } = valueOf(await us.api.rebalance({ ...request, maxFeeMsat, description }));
    expect(await waitForPayment(us, paymentId)).toMatchObject({ state: 'succeeded', feeMsat, description });
    await until(async () => (await localOf(toChannelId)) === before[1] + amountMsat, {
      what: 'it to arrive',
    });
    expect(await localOf(fromChannelId)).toBe(before[0] - amountMsat - feeMsat);
    expect(codeOf(await us.api.quoteRebalance({ ...request, toChannelId: fromChannelId }))).toBe(
      'invalid-argument',
    );
    const tooMuch = { ...request, amountMsat: before[0] + 1n };
    expect((await us.api.quoteRebalance(tooMuch)).ok).toBe(false);
    // Nor more than there is room for at the other end.
    const { receivableMsat = 0n } =
      (await us.api.listChannels()).find((one) => one.channelId === toChannelId) ?? {};
    const overfull = await us.api.quoteRebalance({ ...request, amountMsat: receivableMsat + 1n });
    expect(codeOf(overfull)).toMatch(/amount-too-large|insufficient-balance/);
  });

  test('a fee that rises while we look at the old one: paid by the new one', async () => {
    const { us, peers } = network;
    const bolt11 = await invoiceOf(peers.emil, 4_000_000n);
    await peers.dora.setForwardingFee(network.channelBetween('dora', 'emil'), 9_000);
    // dora takes the old fee for a while, as BOLT 7 asks of her, or refuses and names the new one.
    const first = await pay(us, bolt11);
    expect(first.state).toBe('succeeded');
    const isOnMap = (feeBaseMsat: bigint) =>
      network.publicChannels(us, (all) =>
        all.some(({ nodeA, nodeB, fromA, fromB }) => {
          const ends = [peers.dora.id, peers.emil.id];
          if (!ends.includes(nodeA) || !ends.includes(nodeB)) return false;
          return (nodeA === peers.dora.id ? fromA : fromB)?.feeBaseMsat === feeBaseMsat;
        }),
      );
    await isOnMap(9_000n);
    const second = await pay(us, await invoiceOf(peers.emil, 4_000_000n));
    expect(second.state).toBe('succeeded');
    // Over bert, or over anna and cleo.
    expect([10_000n, 11_000n]).toContain(second.feeMsat);
    expect(
      codeOf(await us.api.bolt11.send(await invoiceOf(peers.emil, 4_000_000n), { maxFeeMsat: 9_999n })),
    ).toBe('fee-above-limit');
    await peers.dora.setForwardingFee(network.channelBetween('dora', 'emil'), Number(FORWARD_FEE));
    await isOnMap(FORWARD_FEE);
  });

  test('a fee that rose and that our map does not know: refused on the way, and paid another way', async () => {
    const { us, peers, stage } = network;
    const again = async (): Promise<void> => {
      for (const name of ['anna', 'bert'] as const) {
        valueOf(await us.api.disconnect(peers[name].id));
        await stage.connect(us, peers[name]);
        await stage.usable(us, peers[name], network.channelBetween('us', name));
      }
    };
    const feeOfBert = async (): Promise<bigint | null> => {
      const ends = [peers.bert.id, peers.dora.id];
      const all = await network.publicChannels(us, (known) => known.length === 6);
      const of = all.find(({ nodeA, nodeB }) => ends.includes(nodeA) && ends.includes(nodeB));
      return (of?.nodeA === peers.bert.id ? of.fromA : of?.fromB)?.feeBaseMsat ?? null;
    };
    // Nothing answers at port 1, and peers are not asked while a server is set: the map stays as it is.
    us.snapshots.push('http://127.0.0.1:1');
    await again();
    expect(await feeOfBert()).toBe(FORWARD_FEE);
    const channel = network.channelBetween('bert', 'dora');
    // BOLT 7 has nodes take the fee before this one for a while, and LDK does; so it has to rise twice.
    await peers.bert.setForwardingFee(channel, 8_000);
    await peers.bert.setForwardingFee(channel, 9_000);
    const sent = await pay(us, await invoiceOf(peers.dora, 4_000_000n));
    // Over anna and cleo. LDK's refusal brings no channel_update, so bert is not asked again.
    expect(sent).toMatchObject({ state: 'succeeded', feeMsat: 2n * FORWARD_FEE });
    const parts = valueOf(await us.api.paymentParts(sent.id));
    expect(parts.map(({ state, stoppedAt, failure }) => [state, stoppedAt, failure?.bolt4Code])).toEqual([
      // BOLT 4 §Failure Messages: fee_insufficient is UPDATE|12.
      ['failed', 0, 0x100c],
      ['fulfilled', null, undefined],
    ]);
    expect(await feeOfBert()).toBe(FORWARD_FEE);
    await peers.bert.setForwardingFee(channel, Number(FORWARD_FEE));
    us.snapshots.length = 0;
    await again();
  });

  // As interop does: without it where none is built.
  if (GUEST !== undefined)
    test(`a node of another make on the map: it is paid over several channels, and pays us (${GUEST.title})`, async () => {
      const { us, peers } = network;
      const guest = await network.invite(GUEST);
      const map = await network.publicChannels(
        us,
        (all) => all.length === 7 && all.every(({ fromA, fromB }) => fromA !== null && fromB !== null),
      );
      const amountMsat = 4_000_000n;
      const sent = await pay(us, (await guest.createInvoice({ amountMsat })).bolt11);
      expect(sent).toMatchObject({ state: 'succeeded', amountMsat });
      // Over bert, or over anna and cleo.
      expect([2n * FORWARD_FEE, 3n * FORWARD_FEE]).toContain(sent.feeMsat);
      const parts = valueOf(await us.api.paymentParts(sent.id)).filter(({ state }) => state === 'fulfilled');
      const ends = parts.map(({ hops }) => hops.slice(-2).map(({ nodeId }) => nodeId));
      expect(ends).toEqual([[peers.dora.id, guest.id]]);
      // It heard from dora what leads to us.
      await until(
        async () => {
          const known = (await guest.knownChannels?.()) ?? [];
          return map.every(({ scid }) => known.includes(scidText(scid)));
        },
        {
          what: 'the whole map at the guest',
          everyMs: 200,
          timeoutMs: 60_000,
          describe: () => guest.knownChannels?.(),
        },
      );
      const back = valueOf(
        await us.api.bolt11.receive({ amountMsat: 3_000_000n, description: 'from a guest' }),
      );
      await guest.pay(back.invoice);
      expect(await waitForPayment(us, back.paymentId)).toMatchObject({
        state: 'succeeded',
        amountMsat: 3_000_000n,
      });
    });

  test('a drained channel: the payment goes another way', async () => {
    const { us, peers } = network;
    const drained = await outboundOf(peers.bert, 'bert', 'dora');
    await peers.bert.pay(await invoiceOf(peers.dora, drained - 30_000_000n));
    const sent = await pay(us, await invoiceOf(peers.dora, 60_000_000n));
    expect(sent).toMatchObject({ state: 'succeeded', feeMsat: 2n * FORWARD_FEE });
    // And where no other way is left, it is refused in time, and nothing is lost.
    const rest = await outboundOf(peers.cleo, 'cleo', 'dora');
    await peers.cleo.pay(await invoiceOf(peers.dora, rest - 30_000_000n));
    const before = (await us.api.listBalances()).lightning.localMsat;
    // Whole or not at all: of an invoice parts would reach dora, who keeps them for a minute or two.
    const { paymentId } = valueOf(await us.api.spontaneous.send(peers.dora.id, 150_000_000n));
    await expectRefusedBy(paymentId, ['bert', 'cleo']);
    await until(async () => (await us.api.listBalances()).lightning.localMsat === before, {
      what: 'all of it to be back',
    });
    for (const name of ['bert', 'cleo'] as const)
      await peers.dora.pay(await invoiceOf(peers[name], 500_000_000n));
  });

  test('a node that is gone: around it, and refused where there is no way around', async () => {
    const { us, peers } = network;
    const { bolt11 } = await peers.emil.createInvoice({ amountMsat: 3_000_000n });
    await peers.bert.kill();
    // anna and cleo are the other way.
    expect(await pay(us, bolt11)).toMatchObject({ state: 'succeeded', feeMsat: 3n * FORWARD_FEE });
    const later = await peers.emil.createInvoice({ amountMsat: 3_000_000n });
    await peers.dora.kill();
    const { paymentId } = valueOf(await us.api.bolt11.send(later.bolt11));
    await expectRefusedBy(paymentId, ['cleo']);
  });
});
