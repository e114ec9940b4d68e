import * as fc from 'fast-check';
import { assert } from '../base/assert.ts';
import { feeratePerKw, msat } from '../base/units.ts';
import type { Side } from './two-peer-side.ts';
import { hashOf, preimageOf, type TwoPeers } from './two-peer.ts';

type Who = 'alice' | 'bob';
type How = 'fulfill' | 'fail' | 'malformed';

/** One thing that may happen to a channel between two honest peers. */
export type Action =
  | { readonly tag: 'add'; readonly who: Who; readonly amount: number; readonly hasty: boolean }
  | {
      readonly tag: 'answer';
      readonly who: Who;
      readonly how: How;
      readonly which: number;
      readonly hasty: boolean;
    }
  | { readonly tag: 'fee'; readonly feerate: number }
  | { readonly tag: 'deliver'; readonly who: Who; readonly count: number }
  | { readonly tag: 'disconnect' | 'reconnect' }
  /** The process ends; with `lose`, in the middle of handling a message: saved, nothing said. */
  | { readonly tag: 'crash'; readonly who: Who; readonly lose: boolean }
  | { readonly tag: 'block' }
  | { readonly tag: 'close'; readonly who: Who };

const who = fc.constantFrom<Who>('alice', 'bob');
const amount = fc.oneof(
  // Around the dust limits, and in the middle.
  fc.integer({ min: 1, max: 1_500_000 }),
  fc.integer({ min: 300_000, max: 400_000 }),
  fc.integer({ min: 1_000_000, max: 600_000_000 }),
);

export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ tag: fc.constant('add' as const), who, amount, hasty: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      tag: fc.constant('answer' as const),
      who,
      how: fc.constantFrom<How>('fulfill', 'fulfill', 'fail', 'malformed'),
      which: fc.nat(20),
      hasty: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ tag: fc.constant('fee' as const), feerate: fc.integer({ min: 253, max: 8_000 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      tag: fc.constant('deliver' as const),
      who,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ tag: 'disconnect' as const }) },
  { weight: 2, arbitrary: fc.constant({ tag: 'reconnect' as const }) },
  { weight: 2, arbitrary: fc.record({ tag: fc.constant('crash' as const), who, lose: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ tag: 'block' as const }) },
);

export const closing: fc.Arbitrary<Action> = fc.record({ tag: fc.constant('close' as const), who });

/** What became of each HTLC that was taken on: by the label its preimage is made from. */
export type Book = Map<string, 'added' | 'fulfilled' | 'failed'>;

export function play(peers: TwoPeers, script: readonly Action[], book: Book, check: () => void): void {
  for (const [at, step] of script.entries()) {
    act(peers, step, `htlc ${at}`, book);
    check();
  }
}

function act(peers: TwoPeers, step: Action, label: string, book: Book): void {
  switch (step.tag) {
    case 'add':
      hastily(peers[step.who], step.hasty, (side) => {
        if (peers.add(side, msat(step.amount), label, 60)?.ok === true) book.set(label, 'added');
      });
      return;
    case 'answer':
      return hastily(peers[step.who], step.hasty, (side) => answer(side, step.how, step.which, book));
    case 'fee':
      peers.alice.command({ tag: 'update-fee', feerate: feeratePerKw(step.feerate) });
      return;
    case 'deliver':
      for (let i = 0; i < step.count; i++) peers.deliver(peers[step.who]);
      return;
    case 'disconnect':
      return peers.disconnect();
    case 'reconnect':
      if (!peers.connected) peers.connect();
      return;
    case 'crash':
      if (step.lose) peers.deliver(peers.other(peers[step.who]), true);
      return peers.crash(peers[step.who]);
    case 'block':
      return peers.mine(1);
    case 'close':
      peers.close(peers[step.who]);
  }
}

/** As when more commands wait: the signature is left to the next event. */
function hastily(side: Side, hasty: boolean, run: (side: Side) => void): void {
  const { env } = side;
  side.env = { ...env, moreToCome: hasty };
  run(side);
  side.env = env;
}

/** Answers one of the HTLCs that wait for it. */
export function answer(side: Side, how: How, which: number, book: Book): void {
  const { durable } = side.state;
  const open = [...(durable?.ledger.incoming.values() ?? [])].filter(
    ({ step, removal }) => step === 4 && removal === null,
  );
  const htlc = open[which % Math.max(1, open.length)];
  if (htlc === undefined) return;
  const { id, paymentHash } = htlc.add;
  assert(
    side.offers.some((offer) => offer.id === id),
    'a committed HTLC was not offered in this life of the process',
  );
  const label = [...book.keys()].find((name) => hashOf(name) === paymentHash);
  assert(label !== undefined, 'an HTLC that nobody sent');
  const reply =
    how === 'fulfill'
      ? side.command({ tag: 'fulfill-htlc', id, preimage: preimageOf(label) })
      : how === 'fail'
        ? side.command({ tag: 'fail-htlc', id, reason: new Uint8Array(292) })
        : side.command({
            tag: 'fail-malformed-htlc',
            id,
            onionHash: new Uint8Array(32),
            failureCode: 0x8000 | 4,
          });
  assert(reply?.ok === true, 'an answer was refused');
  book.set(label, how === 'fulfill' ? 'fulfilled' : 'failed');
}
