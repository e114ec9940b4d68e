import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { paymentHash } from '../../base/ids.ts';
import { blockHeight, feeratePerKw, msat } from '../../base/units.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../default-config.ts';
import type { ChannelConfig } from '../env.ts';
import type { Add, Ledger, LiveHtlc, Removal, UpdateStep } from '../ledger.ts';
import type { ChannelParams } from '../params.ts';
import { NO_PROPOSALS, type Proposals } from '../session.ts';
import { loadOf, type Load } from './load.ts';
import { offeredTogether, offerRefusal, offerRoom } from './offer.ts';
import { withOurs, withTheirs } from './propose.ts';
import { EVENTUAL_LOCAL, feerateOf, LOCAL, NEXT_LOCAL, NEXT_REMOTE, REMOTE, SIGNED_REMOTE } from './view.ts';

type Direction = Add['direction'];

const addOf = (direction: Direction, id: number, amount: number): Add => ({
  direction,
  id: BigInt(id),
  amount: msat(amount),
  paymentHash: paymentHash('ab'.repeat(32)),
  cltvExpiry: blockHeight(500),
  onion: new Uint8Array(),
});

// On both sides of where an HTLC has an output, at both fee rates and in both formats.
const amount = fc.oneof(
  fc.integer({ min: 1, max: 3_000_000 }),
  fc.constantFrom(353_999, 354_000, 40_000_000),
);
const direction = fc.constantFrom<Direction>('outgoing', 'incoming');
const feerate = fc.constantFrom(253, 2_500).map(feeratePerKw);
const removal = fc.constantFrom<Removal>(
  { tag: 'fulfill', preimage: new Uint8Array(32) },
  { tag: 'fail', reason: new Uint8Array() },
);
const htlc = fc.record({ direction, amount, step: fc.integer({ min: 0, max: 8 }), removal });

const history = fc.record({
  htlcs: fc.array(htlc, { maxLength: 8 }),
  feeUpdates: fc.array(
    fc.record({ feerate, step: fc.integer({ min: 0, max: 3 }).map((step) => step as UpdateStep) }),
    { maxLength: 2 },
  ),
  removed: fc.option(removal),
  proposedFeerate: fc.option(feerate),
  // Where nobody asked before there is nothing to carry on.
  adds: fc.array(fc.record({ direction, amount, asks: fc.boolean() }), { minLength: 1, maxLength: 12 }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

function begun(base: Ledger, { htlcs, feeUpdates, removed, proposedFeerate }: History) {
  const of = (wanted: Direction): ReadonlyMap<bigint, LiveHtlc> =>
    new Map(
      htlcs
        .filter((one) => one.direction === wanted)
        .map((one, id): [bigint, LiveHtlc] => [
          BigInt(id),
          {
            add: addOf(wanted, id, one.amount),
            step: one.step as UpdateStep,
            removal: one.step >= 5 ? one.removal : null,
          },
        ]),
    );
  const [outgoing, incoming] = [of('outgoing'), of('incoming')];
  const ledger: Ledger = {
    ...base,
    outgoing,
    incoming,
    nextOutgoingId: BigInt(outgoing.size),
    nextIncomingId: BigInt(incoming.size),
    feeUpdates,
  };
  const removals = [...outgoing.values()].filter(({ step }) => step === 4).map(({ add }) => add.id);
  const proposals: Proposals = {
    ...NO_PROPOSALS,
    removals: new Map(removed === null ? [] : removals.map((id) => [id, removed])),
    feerate: proposedFeerate,
  };
  return { ledger, proposals };
}

/** Of one view, now and with a fee spike: no more than are remembered. */
const asked = fc.constantFrom(
  ...[LOCAL, NEXT_LOCAL, EVENTUAL_LOCAL].map((view) => ['local', view] as const),
  ...[REMOTE, SIGNED_REMOTE, NEXT_REMOTE].map((view) => ['remote', view] as const),
);
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

function loads(params: ChannelParams, [owner, view]: Asked, ledger: Ledger, proposals: Proposals): Load[] {
  const now = feerateOf(ledger, view, params.opener, proposals);
  return [now, feeratePerKw(2 * now)].map((rate) => loadOf(params, ledger, owner, view, proposals, rate));
}

test.each(['anchors', 'static_remotekey'] as const)(
  'what is carried on from HTLC to HTLC is what counting all of them anew gives (%s)',
  (base) => {
    const formats = { config: { formats: [base] } } as const;
    const { alice, bob } = TwoPeers.ready({}, formats, formats);
    fc.assert(
      fc.property(
        fc.constantFrom(alice, bob),
        asked,
        history,
        ({ durable: { params, ledger: base } }, what, drawn) => {
          let { ledger, proposals } = begun(base, drawn);
          for (const add of drawn.adds) {
            if (add.asks) loads(params, what, ledger, proposals);
            const before = { ledger, proposals, loads: loads(params, what, { ...ledger }, { ...proposals }) };
            if (add.direction === 'outgoing')
              ledger = withOurs(
                ledger,
                proposals,
                addOf('outgoing', Number(ledger.nextOutgoingId), add.amount),
              );
            else {
              const id = Number(ledger.nextIncomingId) + proposals.adds.length;
              proposals = withTheirs(ledger, proposals, addOf('incoming', id, add.amount));
            }
            // Nothing is known of a copy: it is counted.
            expect(loads(params, what, ledger, proposals)).toEqual(
              loads(params, what, { ...ledger }, { ...proposals }),
            );
            // What they were made from is as it was, and another may be made from it.
            expect(loads(params, what, before.ledger, before.proposals)).toEqual(before.loads);
          }
        },
      ),
    );
  },
);

test.each(['anchors', 'static_remotekey'] as const)(
  'what we may offer is the same whatever was asked of the ledger before (%s)',
  (base) => {
    const formats = { config: { formats: [base] } } as const;
    const { alice, bob } = TwoPeers.ready({}, formats, formats);
    const usual = DEFAULT_CHANNEL_CONFIG;
    const strict = { ...usual, maxDustExposure: msat(100_000) };
    type Question = {
      readonly params: ChannelParams;
      readonly proposals: Proposals;
      readonly config: ChannelConfig;
    };
    const offers = ({ params, proposals, config }: Question, of: () => Ledger, amount: number): unknown[] => {
      return [
        offerRoom(params, of(), proposals, config),
        offeredTogether(params, of(), proposals, config),
        offerRefusal(params, of(), proposals, config, msat(amount)),
      ];
    };
    fc.assert(
      fc.property(
        fc.constantFrom(alice, bob),
        history,
        feerate,
        ({ durable: { params, ledger: base } }, drawn, feerate) => {
          let { ledger, proposals } = begun(base, drawn);
          // So little that what is below dust is the most there may be.
          const narrow = { ...params, remote: { ...params.remote, maxInFlight: msat(300_000) } };
          for (const { direction, amount } of drawn.adds) {
            const other = { ...proposals, feerate };
            // From one to the next one thing alone is another.
            for (const asked of [
              { params, proposals, config: usual },
              { params, proposals: other, config: usual },
              { params: narrow, proposals: other, config: usual },
              { params: narrow, proposals: other, config: strict },
              { params: narrow, proposals, config: strict },
            ])
              // Nothing is known of a copy.
              expect(offers(asked, () => ledger, amount)).toEqual(
                offers(asked, () => ({ ...ledger }), amount),
              );
            if (direction === 'outgoing')
              ledger = withOurs(ledger, proposals, addOf(direction, Number(ledger.nextOutgoingId), amount));
            else
              proposals = withTheirs(
                ledger,
                proposals,
                addOf(direction, Number(ledger.nextIncomingId), amount),
              );
          }
        },
      ),
    );
  },
);
