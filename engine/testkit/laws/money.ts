import { equalBytes } from '../../base/bytes.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { localCommitment } from '../../channel/commitments.ts';
import { LOCAL, specOf } from '../../channel/ledger/view.ts';
import type { Commitment } from '../../commitment/commitment.ts';
import type { CommitmentSpec, Htlc } from '../../commitment/spec.ts';
import { walletScript } from '../two-peer-env.ts';
import type { Bill } from './bills.ts';
import { law } from './law.ts';
import { other, type LawNode, type Who } from './law-node.ts';
import type { LawWorld } from './law-world.ts';
import { durableOf, entryOf } from './laws.ts';
import type { Way } from './schedule.ts';
import { takingsOf, type Takings } from './takings.ts';

/** What each had when the channel began, in millisatoshis. */
export const START: Readonly<Record<Who, bigint>> = { alice: 600_000_000n, bob: 400_000_000n };
/** Who opened it, and pays for commitments. */
const OPENER: Who = 'alice';

/** BOLT 3 §Fee Calculation, written down once more. */
const BOLT_3 = {
  static_remotekey: { weight: 724n, anchors: 0n, timeout: 663n, success: 703n },
  anchors: { weight: 1124n, anchors: 660n, timeout: 0n, success: 0n },
} as const;
const HTLC_WEIGHT = 172n;
/** Satoshis that the payee may leave to whoever offered them, as taking them costs more: fees are at their floor here. */
const LITTLE = 1_100n;

/** BOLT 2: of a closing transaction's outputs. */
const P2WPKH_DUST = 294n;
/** Satoshis: the weight of a closing transaction at the highest rate that a schedule may have. */
const MOST_TO_CLOSE = 100_000n;

/** The commitment that is on the chain, as its owner sees it, and what became of it. */
type Last = {
  readonly world: LawWorld;
  readonly owner: Who;
  readonly spec: CommitmentSpec;
  readonly commitment: Commitment;
  readonly rules: (typeof BOLT_3)[keyof typeof BOLT_3];
  readonly dustLimit: bigint;
  readonly takings: Takings;
};

/**
 * The channel was closed by one alone, and all is resolved. Each side has on the chain, to the millisatoshi, what its own
 * records of payments say, less what the rules of BOLT 3 take and the fees of its own claims.
 */
export function moneyHolds(world: LawWorld): void {
  const last = lastOf(world);
  const own: Record<Who, bigint> = { alice: 0n, bob: 0n };
  const left = { ...last.takings.left };
  for (const { who } of world.nodes) {
    booksHold(last, who);
    const main = mainOf(last, who);
    own[who] += main.amount;
    if (!main.isTaken) left[who] += main.amount;
  }
  // What is too little to take is left by both, each for all it knows.
  let little = 0n;
  for (const htlc of last.spec.htlcs) {
    const { whose, amount, isTaken } = htlcOf(last, htlc);
    own[whose] += amount;
    if (!isTaken) left[whose] += amount;
    if (amount < LITTLE) little += amount;
  }
  // An anchor is whose it is that lifted the commitment by it.
  for (const { role, index, amount } of last.commitment.outputs) {
    const by = role.endsWith('-anchor') && last.takings.takenBy.get(index);
    if (by) own[by] += amount;
  }
  const { gained, fees } = last.takings;
  for (const { who } of world.nodes) {
    const where = (): string => `${who}: ${own[who]}, ${gained[who]} and fees ${fees[who]} and ${left[who]}`;
    law(own[who] === gained[who] + fees[who] + left[who], 'what is one’s own stays so', where);
    const durable = durableOf(world, world[who]);
    const told = durable.phase === 'closed' ? durable.leftBehind : null;
    law(
      told !== null && told >= left[who] && told <= left[who] + little,
      'what is left behind is said',
      () => `${told} of ${where()}`,
    );
  }
}

/**
 * Both closed together: one of them has all of its own, and the other has what the fee leaves. By closing_signed that is who
 * opened the channel, by closing_complete whose transaction it is.
 * @param moved what alice paid less what she was paid, in millisatoshis.
 */
export function sharesHold(closing: Tx, moved: bigint, closes: Way): void {
  const paid: Record<Who, bigint> = { alice: 0n, bob: 0n };
  for (const { amount, script } of closing.outputs) {
    const who = (['alice', 'bob'] as const).find((one) => equalBytes(script, walletScript(one)));
    law(who !== undefined, 'a close pays who closes');
    paid[who] += amount;
  }
  const due = { alice: (START.alice - moved) / 1000n, bob: (START.bob + moved) / 1000n };
  // Below what the chain carries there is no output for it.
  const hasWhole = (who: Who): boolean => paid[who] === (due[who] < P2WPKH_DUST ? 0n : due[who]);
  const payer = closes === 'closing_complete' && hasWhole(OPENER) ? other(OPENER) : OPENER;
  law(hasWhole(other(payer)), 'who pays no fee has all of its own', () => String(paid[other(payer)]));
  const fee = due[payer] - paid[payer];
  law(fee > 0n && (fee <= MOST_TO_CLOSE || paid[payer] === 0n), 'a close costs its fee', () => String(fee));
}

function lastOf(world: LawWorld): Last {
  const owner = world.nodes.find((node) => {
    const durable = durableOf(world, node);
    return 'spend' in durable && durable.spend?.kind === 'local';
  });
  law(owner !== undefined, 'a commitment on the chain is somebody’s');
  const { params, ledger, active } = durableOf(world, owner);
  const { base } = params.type;
  law(base === 'anchors' || base === 'static_remotekey', 'formats that are known here');
  const commitment = localCommitment(params, ledger, active[0], owner.envNow());
  return {
    world,
    owner: owner.who,
    spec: specOf(ledger, LOCAL, params.opener),
    commitment,
    rules: BOLT_3[base],
    dustLimit: params.local.dustLimit,
    takings: takingsOf(world, owner.who, commitment),
  };
}

/** In millisatoshis, before fees. */
const balanceIn = ({ owner, spec }: Last, who: Who): bigint => (who === owner ? spec.toLocal : spec.toRemote);

const isPaid = (node: LawNode, bill: Bill): boolean => entryOf(node, bill)?.state === 'succeeded';

function billOf({ world }: Last, { paymentHash }: Htlc): Bill {
  const bill = world.bills.find(({ hash }) => hash === paymentHash);
  law(bill !== undefined, 'nobody pays unasked');
  return bill;
}

/** The commitment has all that this side's records say: what it was paid, and what it did not pay after all. */
function booksHold(last: Last, who: Who): void {
  const node = last.world[who];
  let said = START[who];
  for (const bill of last.world.bills)
    if (isPaid(node, bill)) said += bill.payee === who ? bill.amount : -bill.amount;
  let had = balanceIn(last, who);
  for (const htlc of last.spec.htlcs) {
    const bill = billOf(last, htlc);
    if (isPaid(node, bill) === (bill.payee === who)) had += htlc.amount;
  }
  law(said === had, 'the last commitment holds what records say', () => `${who}: ${said}, not ${had}`);
}

type Own = { readonly amount: bigint; readonly isTaken: boolean };

/** A balance less the fee is an output, and nobody else takes it. */
function mainOf(last: Last, who: Who): Own {
  const { owner, commitment, spec, rules, dustLimit, takings } = last;
  const outputs = BigInt(commitment.htlcs.length);
  const fee = (BigInt(spec.feerate) * (rules.weight + HTLC_WEIGHT * outputs)) / 1000n;
  const cost = who === OPENER ? fee + rules.anchors : 0n;
  const balance = balanceIn(last, who) / 1000n - cost;
  const role = who === owner ? 'owner' : 'other';
  const main = commitment.outputs.find((output) => output.role === role);
  const amount = main?.amount ?? 0n;
  law(amount === (balance < dustLimit ? 0n : balance), 'a balance less the fee is an output', () => who);
  const by = main && takings.takenBy.get(main.index);
  law(by === undefined || by === who, 'nobody takes another’s balance', () => who);
  return { amount, isTaken: main === undefined || by !== undefined };
}

/** Who is paid by it takes it; else who offered it takes it back. What is too small for an output is the miner's. */
function htlcOf(last: Last, htlc: Htlc): Own & { readonly whose: Who } {
  const { world, owner, commitment, spec, rules, dustLimit, takings } = last;
  const offerer = htlc.direction === 'outgoing' ? owner : other(owner);
  const payee = other(offerer);
  const bill = billOf(last, htlc);
  const stage = (BigInt(spec.feerate) * (offerer === owner ? rules.timeout : rules.success)) / 1000n;
  const output = commitment.htlcs.find((one) => one.htlc === htlc);
  const [amount, due] = [output?.amount ?? 0n, htlc.amount / 1000n];
  const by = output && takings.takenBy.get(output.index);
  const where = (): string => `${htlc.amount} offered by ${offerer} until ${htlc.cltvExpiry}, taken by ${by}`;
  law(amount === (due < dustLimit + stage ? 0n : due), 'an HTLC is an output, or dust', where);
  const isDue = isPaid(world[payee], bill);
  const dueTo = isDue ? payee : offerer;
  law(by === undefined || by === dueTo || amount < LITTLE, 'an HTLC is whose records say', where);
  if (by === payee) law(isPaid(world[offerer], bill), 'who could see the preimage has paid', where);
  return { whose: by ?? dueTo, amount, isTaken: output === undefined || by !== undefined };
}
