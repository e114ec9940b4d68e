import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { equalBytes } from '../../base/bytes.ts';
import { blockHash, outPointKey, type OutPoint } from '../../base/ids.ts';
import { blockHeight, msat, sat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Confirmation } from '../../bitcoin/watch.ts';
import { buildHtlcTx } from '../../commitment/claim-tx.ts';
import { claimTxs } from '../../testkit/claim-double.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { NO_DEMAND, type OpenClaim } from '../claim-demand.ts';
import { isWorthTaking } from '../claim-worth.ts';
import { localCommitment } from '../commitments.ts';

const commitmentOf = ({ durable, env }: Side): Tx => {
  const [latest] = durable.active;
  const { params, ledger } = durable;
  return env.signer.signLocalCommitment(localCommitment(params, ledger, latest, env), latest.remoteSignature);
};

/** Of what Alice offers, by id: all that ever has an output. */
const PREIMAGES = new Map([
  [0n, preimageOf('ended')],
  [1n, preimageOf('one')],
]);

type Story = { readonly peers: TwoPeers; readonly commitments: readonly Tx[]; readonly restore: () => void };

/** HTLCs both ways, some with a preimage; commitments of both sides, and two that Bob has revoked. */
function story(base: 'anchors' | 'static_remotekey'): Story {
  const formats = { config: { formats: [base] } } as const;
  const peers = TwoPeers.ready({ push: msat(400_000_000) }, formats, formats);
  const { alice, bob } = peers;
  const revoked = [commitmentOf(bob)];
  peers.add(alice, msat(20_000_000), 'ended');
  peers.add(alice, msat(21_000_000), 'one');
  peers.add(bob, msat(22_000_000), 'two');
  peers.add(alice, msat(100_000), 'dust');
  peers.pump();
  revoked.push(commitmentOf(bob));
  bob.command({ tag: 'fail-htlc', id: 0n, reason: new Uint8Array(40) });
  peers.pump();
  const commitments = [commitmentOf(alice), commitmentOf(bob), ...revoked];
  peers.disconnect();
  const { height } = peers;
  const { state, env } = alice;
  const disk = [...alice.disk].map(([table, rows]) => [table, new Map(rows)] as const);
  const watches = [...alice.watches];
  const restore = (): void => {
    peers.height = height;
    Object.assign(alice, { state, env, demand: NO_DEMAND });
    for (const [table, rows] of disk) alice.disk.set(table, new Map(rows));
    for (const list of [alice.published, alice.settled, alice.notices, alice.outbox]) list.length = 0;
    alice.watches.splice(0, alice.watches.length, ...watches);
  };
  return { peers, commitments, restore };
}

type Placed = { readonly tx: Tx; readonly at: Confirmation };

/** A chain that goes back as it likes, as Alice's servers tell of it. */
class Chain {
  readonly #peers: TwoPeers;
  readonly #outside: readonly Tx[];
  #placed: Placed[] = [];
  readonly #told = new Map<string, string>();
  #blocks = 0;

  constructor({ peers, commitments }: Story) {
    this.#peers = peers;
    this.#outside = commitments;
  }

  get alice(): Side {
    return this.#peers.alice;
  }

  spenderOf(outPoint: OutPoint): Tx | undefined {
    const key = outPointKey(outPoint);
    return this.#placed.find(({ tx }) => tx.inputs.some((input) => outPointKey(input.outPoint) === key))?.tx;
  }

  /** Whether what an output of this HTLC went to tells the preimage. */
  shows(id: bigint): boolean {
    const preimage = PREIMAGES.get(id);
    return this.#placed.some(({ tx }) =>
      tx.inputs.some(({ witness }) =>
        witness.some((item) => preimage !== undefined && equalBytes(item, preimage)),
      ),
    );
  }

  /** What a miner could take now: the commitments, and what Alice or Bob make of their outputs. */
  candidates(bobs: readonly Tx[]): readonly Tx[] {
    const made = new Set(this.#placed.map(({ tx }) => txIdOf(tx)));
    const isOpen = ({ inputs }: Tx, isRoot: boolean): boolean =>
      inputs.every(
        ({ outPoint }) => (isRoot || made.has(outPoint.txId)) && this.spenderOf(outPoint) === undefined,
      );
    const alices = ownTxs(this.alice);
    return [
      ...this.#outside.filter((tx) => isOpen(tx, true)),
      ...[...bobs, ...alices].filter((tx) => isOpen(tx, false)),
    ];
  }

  mine(txs: readonly Tx[], count = 1): void {
    const height = blockHeight(this.#peers.height + 1);
    const hash = blockHash((++this.#blocks).toString(16).padStart(64, '0'));
    for (const [index, tx] of txs.entries())
      if (tx.inputs.every(({ outPoint }) => this.spenderOf(outPoint) === undefined))
        this.#placed.push({ tx, at: { height, blockHash: hash, index: index + 1 } });
    this.#peers.height = blockHeight(this.#peers.height + count);
    this.#tell();
  }

  reorg(depth: number): void {
    const { alice } = this;
    const kept = blockHeight(this.#peers.height - depth);
    const gone = this.#placed.filter(({ at }) => at.height > kept);
    this.#placed = this.#placed.filter(({ at }) => at.height <= kept);
    const tipHeight = this.#peers.height;
    for (const { tx } of gone) {
      const txId = txIdOf(tx);
      let wasTold = false;
      for (const [key, id] of this.#told)
        if (id === txId) {
          this.#told.delete(key);
          wasTold = true;
        }
      if (wasTold) alice.apply({ tag: 'chain', event: { tag: 'reorged', txId, tipHeight } });
    }
    this.#tell();
  }

  /** In the mempool, as somebody says. */
  show(tx: Tx): void {
    this.#peers.tell(this.alice, tx, null);
  }

  crash(): void {
    this.#peers.crash(this.alice);
    this.#told.clear();
    this.#tell();
  }

  #tell(): void {
    const { alice } = this;
    const { height } = this.#peers;
    alice.published.length = 0;
    alice.env = { ...alice.env, height };
    alice.apply({ tag: 'tick', height, feerates: alice.env.feerates });
    // What is told leads to new watches.
    for (let isNew = true; isNew;) {
      isNew = false;
      const watches = new Map(
        alice.watches.map((watch) => [
          watch.tag === 'spent' ? outPointKey(watch.outPoint) : watch.txId,
          watch,
        ]),
      );
      alice.watches.splice(0, alice.watches.length, ...watches.values());
      for (const watch of alice.watches.slice()) {
        if (watch.tag !== 'spent') continue;
        const { outPoint } = watch;
        const found = this.#placed.find(({ tx }) => tx === this.spenderOf(outPoint));
        const key = outPointKey(outPoint);
        if (found === undefined || this.#told.get(key) === txIdOf(found.tx)) continue;
        this.#told.set(key, txIdOf(found.tx));
        isNew = true;
        const event = { tag: 'spent', outPoint, ...found, tipHeight: height } as const;
        alice.apply({ tag: 'chain', event });
      }
    }
  }
}

/** What Alice's wallet would publish: her claims, and her HTLC transactions as if somebody paid their fee. */
function ownTxs({ demand, env }: Side): Tx[] {
  // As the desk sees it: only a spend in a block ends a claim.
  const open = demand.open.map((one) => (one.spent?.at == null ? { ...one, spent: null } : one));
  const due = open.filter(
    ({ claim, from, spent }) =>
      claim.pairedOutput !== undefined && spent === null && from !== null && from <= env.height + 1,
  );
  return [
    ...claimTxs({ ...demand, open }, env).map(({ tx }) => tx),
    ...due.map(({ claim }) => env.signer.signClaims(buildHtlcTx(claim), [claim])),
  ];
}

/** Bob takes HTLCs of Alice's commitment or his own by the preimage; what else he signs does not matter here. */
const bobsOf = ({ demand }: Side): Tx[] =>
  demand.open.flatMap(({ claim: { kind, htlc, outPoint } }) => {
    const isSecondStage = kind === 'htlc-delayed' || kind === 'htlc-delayed-penalty';
    const preimage = htlc?.direction === 'outgoing' && !isSecondStage ? PREIMAGES.get(htlc.id) : undefined;
    if (preimage === undefined) return [];
    const input = { outPoint, sequence: 0, scriptSig: new Uint8Array(), witness: [preimage] };
    const outputs = [{ amount: sat(1_000), script: Uint8Array.of(0x51) }];
    return [{ version: 2, inputs: [input], outputs, lockTime: 0 }];
  });

type Act =
  | { readonly tag: 'mine'; readonly picks: readonly number[]; readonly blocks: number }
  | { readonly tag: 'reorg'; readonly depth: number }
  | { readonly tag: 'show'; readonly pick: number }
  | { readonly tag: 'crash' | 'claim' | 'force' };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      tag: fc.constant('mine' as const),
      picks: fc.array(fc.nat(20), { maxLength: 3 }),
      blocks: fc.constantFrom(1, 1, 2, 5, 30),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ tag: fc.constant('reorg' as const), depth: fc.constantFrom(1, 2, 5, 20, 100) }),
  },
  { weight: 2, arbitrary: fc.record({ tag: fc.constant('show' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ tag: fc.constantFrom('crash', 'claim', 'force') }) },
);

const pick = (txs: readonly Tx[], which: number): readonly Tx[] => {
  const found = txs[which % Math.max(1, txs.length)];
  return found === undefined ? [] : [found];
};

function run(chain: Chain, step: Act): void {
  const { alice } = chain;
  switch (step.tag) {
    case 'mine': {
      const candidates = chain.candidates(bobsOf(alice));
      return chain.mine(
        step.picks.flatMap((which) => pick(candidates, which)),
        step.blocks,
      );
    }
    case 'reorg':
      return chain.reorg(step.depth);
    case 'show':
      for (const tx of pick(chain.candidates([]), step.pick)) chain.show(tx);
      return;
    case 'crash':
      return chain.crash();
    case 'claim':
      alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('two') });
      return;
    case 'force':
      alice.command({ tag: 'force-close' });
  }
}

/** No more surprises: a commitment is mined, then what Bob can take, where he comes, and all that Alice asks for. */
function toTheEnd(chain: Chain, isBobThere: boolean): readonly OpenClaim[] {
  const { alice } = chain;
  let last: readonly OpenClaim[] = [];
  for (let i = 0; i < 120 && alice.durable.phase !== 'closed'; i++) {
    if (alice.demand.open.length > 0) last = alice.demand.open;
    const [first, ...more] = chain.candidates(isBobThere ? bobsOf(alice) : []);
    if (first === undefined) chain.mine([], 8);
    else chain.mine([first, ...more.filter((tx) => !isRoot(tx, first))]);
  }
  return last;
}

const isRoot = (tx: Tx, other: Tx): boolean =>
  tx.inputs.some(({ outPoint }) =>
    other.inputs.some((input) => outPointKey(input.outPoint) === outPointKey(outPoint)),
  );

// BOLT 5 §General Nomenclature
test.each(['anchors', 'static_remotekey'] as const)(
  'whatever the chain does, a close ends, nothing that was paid is said to have failed, and every output is taken (%s)',
  (base) => {
    const told = story(base);
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 25 }),
        fc.constantFrom('never', 'at once', 'late'),
        (script, bobComes) => {
          told.restore();
          const chain = new Chain(told);
          const { alice } = chain;
          const results = new Map<bigint, string>();
          const check = (): void => {
            for (const { id, result } of alice.settled.splice(0)) {
              const kind = result.tag === 'fulfilled' ? 'paid' : 'not paid';
              // What failed for good is paid after all, where the chain went back that far: never the other way.
              if (results.get(id) === 'paid') expect(kind).toBe('paid');
              results.set(id, kind);
            }
          };
          for (const step of script) {
            if (alice.durable.phase === 'closed') break;
            run(chain, step);
            check();
          }
          const wasClosed = alice.durable.phase === 'closed';
          let last = toTheEnd(chain, bobComes === 'at once');
          check();
          if (bobComes === 'late') {
            // All is over, and as much of it is undone as ever may be.
            chain.reorg(100);
            last = toTheEnd(chain, true);
            check();
          }
          expect(alice.durable.phase).toBe('closed');
          // Every HTLC that Alice offered has one end.
          const { outgoing } = alice.durable.ledger;
          expect([...outgoing.keys()]).toEqual([1n, 2n]);
          for (const id of outgoing.keys()) {
            assert(results.has(id), `HTLC ${id} has no end`);
            if (chain.shows(id)) expect(results.get(id)).toBe('paid');
          }
          if (wasClosed) return;
          for (const { claim } of last)
            if (isWorthTaking(claim)) expect(chain.spenderOf(claim.outPoint)).toBeDefined();
        },
      ),
      { numRuns: 16, examples: [[[{ tag: 'mine', picks: [1], blocks: 1 }], 'late']] },
    );
  },
);
