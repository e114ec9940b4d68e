import { expect, it } from 'vitest';
import { feeratePerKw, msat } from '../../base/units.ts';
import { closingOffer, haggledOffer } from '../../channel/phases/shutdown/closing-offer.ts';
import { simpleOffer } from '../../channel/phases/shutdown/simple-offer.ts';
import { feerateFromSatPerVb } from '../../bitcoin/fee.ts';
import { p2wpkh } from '../../bitcoin/script.ts';
import { CALM, TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';
import { quoteClose } from './close-quote.ts';

it('quotes no less than the most that the peer may choose, to the satoshi', () => {
  const { alice } = TwoPeers.ready();
  const { durable } = alice;
  if (durable.phase !== 'normal') throw new Error(durable.phase);
  const script = p2wpkh(Uint8Array.of(2, ...new Uint8Array(32)));
  for (const rate of [CALM.normal, CALM.normal + 40, 1_001, 1_337, 5_003, 9_999]) {
    const feerates = { ...CALM, urgent: feeratePerKw(rate) };
    const env = { ...alice.env, feerates };
    const negotiating = {
      ...durable,
      phase: 'negotiating',
      localScript: script,
      remoteScript: script,
      closeFeerate: feerates.normal,
      since: env.height,
      isAsked: false,
      mutual: null,
    } as const;
    const quoted = quoteClose(
      { height: env.height, feerates } as Core,
      { state: alice.state } as HostedChannel,
    );
    const offer = closingOffer(negotiating, env);
    const feeSat = quoted.ok ? (quoted.value.cooperative?.feeSat ?? 0n) : 0n;
    expect(feeSat).toBe(haggledOffer(negotiating, env, offer).max);
    expect(feeSat).toBeGreaterThanOrEqual(offer.max);
  }
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
    const feeSat = quoted.ok ? quoted.value.cooperative?.feeSat : null;
    expect(feeSat).toBe(simpleOffer(side.durable, scripts, env.feerates.normal)?.fee);
    expect(feeSat).toBeGreaterThan(0n);
  }
});

it('quotes what takes the place of a closing transaction that waits, and that is what closeChannel takes', () => {
  const simple = { ...TEST_FEATURES, option_simple_close: 'optional' } as const;
  const peers = TwoPeers.ready({ push: msat(400_000_000) }, { features: simple }, { features: simple });
  const { alice } = peers;
  const quote = () => {
    const core = { height: alice.env.height, feerates: alice.env.feerates } as Core;
    const quoted = quoteClose(core, { state: alice.state } as HostedChannel);
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
