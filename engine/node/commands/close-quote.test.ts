import { describe, expect, it } from 'vitest';
import { feeratePerKw, msat, sat, type FeeratePerKw } from '../../base/units.ts';
import { closingOffer, haggledOffer } from '../../channel/phases/shutdown/closing-offer.ts';
import { closingFeeAt, simpleOffer } from '../../channel/phases/shutdown/simple-offer.ts';
import { feerateFromSatPerVb } from '../../bitcoin/fee.ts';
import { p2tr, p2wsh } from '../../bitcoin/script.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { CALM, TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';
import { quoteClose } from './close-quote.ts';

const P2TR = p2tr(new Uint8Array(32));
/** OP_16 and 40 bytes: the longest that option_shutdown_anysegwit allows. */
const LONGEST = Uint8Array.of(0x60, 40, ...new Uint8Array(40));
const flat = (rate: number): Feerates => ({
  ...CALM,
  urgent: feeratePerKw(rate),
  normal: feeratePerKw(rate),
});

const { alice: opener } = TwoPeers.ready();

/** Of a channel that we opened, closed by closing_signed: what is quoted, and the most that the peer may choose then. */
function closed(
  channel: { readonly committed: Uint8Array; readonly said?: Uint8Array; readonly used: Uint8Array },
  feerates: Feerates,
  chosen?: FeeratePerKw,
  durable = opener.durable,
) {
  const { committed, said, used } = channel;
  const params = { ...durable.params, remote: { ...durable.params.remote, shutdownScript: committed } };
  const env = { ...opener.env, feerates };
  const closing = {
    ...durable,
    params,
    localScript: walletScript('alice'),
    closeFeerate: chosen ?? feerates.normal,
    isAsked: false,
  };
  const negotiating = {
    ...closing,
    phase: 'negotiating',
    remoteScript: used,
    since: env.height,
    mutual: null,
  } as const;
  const now =
    said === undefined
      ? { ...durable, params }
      : ({ ...closing, phase: 'shutting-down', shutdownSent: true, remoteScript: said } as const);
  const quoted = quoteClose(
    { height: env.height, feerates } as Core,
    { state: { ...opener.state, durable: now } } as HostedChannel,
    chosen,
  );
  const offer = closingOffer(negotiating, env);
  const cooperative = quoted.ok ? quoted.value.cooperative : null;
  if (cooperative === null) throw new Error('not quoted');
  return { cooperative, offer, most: haggledOffer(negotiating, env, offer).max };
}

describe('where the peer chooses the fee, by closing_signed', () => {
  const none = new Uint8Array();
  it.each<[string, Parameters<typeof closed>[0]]>([
    ['P2WPKH, committed to', { committed: walletScript('bob'), used: walletScript('bob') }],
    ['P2TR, committed to', { committed: P2TR, used: P2TR }],
    ['the longest, not known yet', { committed: none, used: LONGEST }],
    ['the longest, said in shutdown', { committed: none, said: LONGEST, used: LONGEST }],
    ['P2WPKH, said in shutdown', { committed: none, said: walletScript('bob'), used: walletScript('bob') }],
  ])('quotes the most that it may be, to the satoshi: its script is %s', (_script, channel) => {
    for (const normal of [CALM.normal, 10_000])
      for (const urgent of [normal, normal + 40, 1.337 * normal, 5.003 * normal])
        for (const chosen of [undefined, 253, 1_000, 5_001, 40_000]) {
          const feerates = { ...CALM, normal: feeratePerKw(normal), urgent: feeratePerKw(Math.ceil(urgent)) };
          const { cooperative, offer, most } = closed(
            channel,
            feerates,
            chosen === undefined ? chosen : feeratePerKw(chosen),
          );
          expect(cooperative).toMatchObject({ feeSat: most, isAtMost: true });
          expect(cooperative.feeSat).toBeGreaterThanOrEqual(offer.max);
        }
  });

  it.each([
    ['urgent', 2],
    ['normal', 6],
    ['background', 144],
  ] as const)('is spendable once a block has it, which the rate is asked for: %s', (purpose, delayBlocks) => {
    const bob = walletScript('bob');
    const feerates = { ...CALM, urgent: feeratePerKw(9_000), normal: feeratePerKw(5_000) };
    const { cooperative } = closed({ committed: bob, used: bob }, feerates, feerates[purpose]);
    expect(cooperative.delayBlocks).toBe(delayBlocks);
  });

  it('quotes no less than that where a script not known yet is a short one', () => {
    for (const used of [walletScript('bob'), P2TR, p2wsh(new Uint8Array(3))]) {
      const { cooperative, most } = closed({ committed: none, used }, CALM);
      expect(cooperative.feeSat).toBeGreaterThan(most);
    }
  });

  it('brings nothing back that has no output: below the higher of the two dust limits', () => {
    const { durable, env, state } = opener;
    const remote = { ...durable.params.remote, dustLimit: sat(5_000n) };
    const quoteOf = (local: bigint): object => {
      const now = {
        ...durable,
        params: { ...durable.params, remote },
        ledger: { ...durable.ledger, local: msat(local * 1_000n) },
      };
      const quoted = quoteClose(
        { height: env.height, feerates: CALM } as Core,
        { state: { ...state, durable: now } } as HostedChannel,
      );
      return (quoted.ok && quoted.value.cooperative) || {};
    };
    const { feeSat } = closed(
      { committed: walletScript('bob'), used: walletScript('bob') },
      CALM,
    ).cooperative;
    expect(quoteOf(feeSat + 5_000n)).toMatchObject({ feeSat, receivedSat: 5_000n });
    expect(quoteOf(feeSat + 4_999n)).toMatchObject({ feeSat: feeSat + 4_999n, receivedSat: 0n });
  });

  it('is no more than half of what is ours, however dear it is by then', () => {
    const { durable } = opener;
    const ledger = { ...durable.ledger, local: msat(20_000_000) };
    const feerates = { ...CALM, urgent: feeratePerKw(40_000) };
    const channel = { committed: walletScript('bob'), used: walletScript('bob') };
    const { cooperative, most } = closed(channel, feerates, undefined, { ...durable, ledger });
    expect(cooperative).toMatchObject({ feeSat: most, receivedSat: 10_000n });
  });

  it('names the rate that it is of, as `closeChannel` takes it', () => {
    const channel = { committed: walletScript('bob'), used: walletScript('bob') };
    for (const rate of [253, 1_337, 40_000]) {
      const { cooperative } = closed(channel, CALM, feeratePerKw(rate));
      expect(feerateFromSatPerVb(cooperative.feerateSatPerVb)).toBe(rate);
    }
  });

  it('is twice what is fair where all rates are the same, 1,000 satoshis more at most', () => {
    const channel = { committed: walletScript('bob'), used: walletScript('bob') };
    expect(closed(channel, flat(1_000)).cooperative.feeSat).toBe(674n + 674n);
    expect(closed(channel, flat(10_000)).cooperative.feeSat).toBe(6_740n + 1_000n);
  });

  it('is nothing for who did not open, and that is exact', () => {
    const { bob } = TwoPeers.ready({ push: msat(400_000_000) });
    const { env, state } = bob;
    const quoted = quoteClose({ height: env.height, feerates: CALM } as Core, { state } as HostedChannel);
    expect(quoted).toMatchObject({ ok: true, value: { cooperative: { feeSat: 0n, isAtMost: false } } });
  });
});

const scripts = { localScript: walletScript('alice'), remoteScript: walletScript('bob') };

it('quotes the fee that whoever asks pays, where the peer knows closing_complete', () => {
  const features = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
  const peers = TwoPeers.ready({ push: msat(400_000_000) }, { features }, { features });
  for (const side of [peers.bob, peers.alice]) {
    const { env, state } = side;
    const quoted = quoteClose(
      { height: env.height, feerates: env.feerates } as Core,
      { state } as HostedChannel,
    );
    const feeSat = simpleOffer(side.durable, scripts, env.feerates.normal)?.fee;
    expect(quoted).toMatchObject({ ok: true, value: { cooperative: { feeSat, isAtMost: false } } });
    expect(feeSat).toBeGreaterThan(0n);
  }
});

it('brings nothing back where the peer knows closing_complete and no output of so little is relayed', () => {
  const features = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
  const { alice } = TwoPeers.ready({ push: msat(400_000_000) }, { features }, { features });
  const { env, state, durable } = alice;
  const quoteOf = (local: bigint): object => {
    const ledger = { ...durable.ledger, local: msat(local * 1_000n) };
    const quoted = quoteClose(
      { height: env.height, feerates: env.feerates } as Core,
      { state: { ...state, durable: { ...durable, ledger } } } as HostedChannel,
    );
    return (quoted.ok && quoted.value.cooperative) || {};
  };
  const feeSat = closingFeeAt(env.feerates.normal, scripts);
  // Below the dust limits of both, which closing_complete does not go by.
  expect(durable.params.local.dustLimit).toBe(354n);
  expect(quoteOf(feeSat + 294n)).toMatchObject({ feeSat, receivedSat: 294n });
  expect(quoteOf(feeSat + 293n)).toMatchObject({ feeSat: feeSat + 293n, receivedSat: 0n });
});

it('quotes the most that it may be where the peer knows closing_complete, and has not said where it is paid to', () => {
  const { option_upfront_shutdown_script: _, ...free } = TEST_FEATURES;
  const features = { ...free, option_simple_close: 'optional' } as const;
  const { alice } = TwoPeers.ready({ push: msat(400_000_000) }, { features }, { features });
  const { env, state, durable } = alice;
  const chosen = feeratePerKw(3_000);
  const quoted = quoteClose(
    { height: env.height, feerates: env.feerates } as Core,
    { state } as HostedChannel,
    chosen,
  );
  const feeSat = simpleOffer(durable, { ...scripts, remoteScript: LONGEST }, chosen)?.fee;
  expect(quoted).toMatchObject({ ok: true, value: { cooperative: { feeSat, isAtMost: true } } });
});

it('quotes what takes the place of a closing transaction that waits, and that is what closeChannel takes', () => {
  const simple = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
  const peers = TwoPeers.ready({ push: msat(400_000_000) }, { features: simple }, { features: simple });
  const { alice } = peers;
  const quote = (rate?: FeeratePerKw) => {
    const core = { height: alice.env.height, feerates: alice.env.feerates } as Core;
    const quoted = quoteClose(core, { state: alice.state } as HostedChannel, rate);
    if (!quoted.ok) throw new Error(quoted.error.code);
    return quoted.value;
  };
  expect(quote().raise).toBeNull();
  // At the normal rate that is quoted: what takes its place has to pay more.
  peers.close(alice, CALM.normal);
  peers.pump();
  const { cooperative, raise } = quote();
  expect(cooperative).toBeNull();
  if (raise === null) throw new Error('it cannot be raised');
  const rate = feerateFromSatPerVb(raise.feerateSatPerVb);
  // At a rate of one's own, where that is more.
  const dear = quote(feeratePerKw(9_000)).raise;
  expect(dear?.feerateSatPerVb).toBe(36);
  expect(dear?.feeSat).toBeGreaterThan(raise.feeSat);
  expect(peers.close(alice, feeratePerKw(rate - 20))?.ok).toBe(false);
  expect(peers.close(alice, rate)?.ok).toBe(true);
  peers.pump();
  expect(alice.summary.closing?.amount).toBe(raise.receivedSat);
  peers.disconnect();
  expect(quote()).toMatchObject({ cooperative: null, raise: null });
});

it('quotes what the channel holds: no payment in flight, none that its peer has shown the preimage of', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const { alice, bob } = peers;
  const held = ({ env, state }: Side) => {
    const core = { height: env.height, feerates: env.feerates } as Core;
    const quoted = quoteClose(core, { state } as HostedChannel);
    if (!quoted.ok) throw new Error(quoted.error.code);
    return Object.values(quoted.value).flatMap((quote) =>
      quote === null ? [] : [quote.feeSat + quote.receivedSat],
    );
  };
  const [before = 0n] = held(alice);
  const [beforeBob = 0n] = held(bob);
  peers.add(alice, msat(50_000_000), 'one');
  peers.pump();
  expect(held(alice)).toEqual([before - 50_000n, before - 50_000n]);
  expect(held(bob)).toEqual([beforeBob, beforeBob]);
  // Told of the preimage, with the signatures and revocations that take the HTLC out still to come.
  const [offer] = bob.offers;
  if (offer === undefined) throw new Error('not offered');
  bob.command({ tag: 'fulfill-htlc', id: offer.id, preimage: preimageOf('one') });
  peers.deliver(bob);
  expect(alice.durable.ledger.outgoing.size).toBe(1);
  expect(held(alice)).toEqual([before - 50_000n, before - 50_000n]);
  expect(held(bob)).toEqual([beforeBob + 50_000n, beforeBob + 50_000n]);
  peers.pump();
  expect(held(alice)).toEqual([before - 50_000n, before - 50_000n]);
  expect(held(bob)).toEqual([beforeBob + 50_000n, beforeBob + 50_000n]);
});

describe('alone', () => {
  const { option_anchors: _, ...plain } = TEST_FEATURES;
  const anchors = TwoPeers.ready();
  const without = TwoPeers.ready({}, { features: plain }, { features: plain });
  /** The commitment pays 1,000 for a thousand weight units, without anchors 2,000; ours is held back for 77 blocks, theirs for 99. */
  const forced = ({ state: { session, durable } }: Side, background: number, ours?: bigint) => {
    if (durable === null) throw new Error('no channel');
    const { params } = durable;
    const now = {
      ...durable,
      params: {
        ...params,
        local: { ...params.local, toSelfDelay: 99 },
        remote: { ...params.remote, toSelfDelay: 77 },
      },
      ...(ours === undefined ? {} : { ledger: { ...durable.ledger, local: msat(ours * 1_000n) } }),
    };
    const feerates = { ...CALM, background: feeratePerKw(background), normal: feeratePerKw(6_000) };
    const quoted = quoteClose(
      { height: opener.env.height, feerates } as Core,
      { state: { session, durable: now } } as HostedChannel,
    );
    return quoted.ok ? quoted.value.force : null;
  };
  const claim = 2_898n;
  // BOLT 3 §Expected Weight of the Commitment Transaction: 1,124 with anchors, 724 without. A child has 1,000 more.
  it.each<[string, Side, number, bigint]>([
    ['opened by us, at rest', anchors.alice, 1_000, claim + 1_124n + 660n],
    ['opened by us, in a rush', anchors.alice, 5_000, claim + 1_124n + 660n + (5n * 2_124n - 1_124n)],
    ['opened by them, at rest', anchors.bob, 1_000, claim],
    ['opened by them, in a rush', anchors.bob, 5_000, claim + (5n * 2_124n - 1_124n)],
    ['opened by us, without anchors', without.alice, 5_000, claim + 2n * 724n],
    ['opened by them, without anchors', without.bob, 5_000, claim],
  ])(
    'costs what the commitment, its child and the claim take from us, and holds it for so long as the peer asked: %s',
    (_name, side, background, feeSat) => {
      const quoted = forced(side, background, 600_000n);
      expect(quoted).toMatchObject({
        kind: 'force',
        feeSat,
        receivedSat: 600_000n - feeSat,
        delayBlocks: 77,
      });
    },
  );

  it('lifts the commitment for no more than an eighth of what is ours', () => {
    expect(forced(anchors.bob, 5_000, 40_000n)).toMatchObject({ feeSat: claim + 5_000n });
  });
});
