import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../engine/base/bytes.ts';
import { txId, type OutPoint } from '../../engine/base/ids.ts';
import { feeratePerKw, sat } from '../../engine/base/units.ts';
import { addressOf } from '../../engine/bitcoin/address.ts';
import { p2wpkh, witnessProgram } from '../../engine/bitcoin/script.ts';
import { serializeTx, txIdOf, virtualSizeOf, type Tx } from '../../engine/bitcoin/tx.ts';
import { parseTxHex } from '../../engine/bitcoin/tx-parse.ts';
import { buildClaimTx, buildHtlcTx } from '../../engine/commitment/claim-tx.ts';
import type { Claim } from '../../engine/commitment/claim.ts';
import { closingTransaction } from '../../engine/commitment/closing.ts';
import { buildCommitment, type Commitment } from '../../engine/commitment/commitment.ts';
import { assembleFundingSpend, fundingLock } from '../../engine/commitment/funding.ts';
import {
  anchorClaim,
  htlcDelayedClaim,
  htlcTransactionClaim,
  localDelayedClaim,
} from '../../engine/commitment/local-claims.ts';
import type { FormatId } from '../../engine/commitment/params.ts';
import { revokedClaims, revokedCommitment, revokedHtlcTxClaims } from '../../engine/commitment/penalty.ts';
import { remoteHtlcClaim, remoteMainClaim } from '../../engine/commitment/remote-claims.ts';
import type { CommitmentSignatures } from '../../engine/commitment/signatures.ts';
import type { ChannelSigner } from '../../engine/commitment/signer.ts';
import type { CommitmentSpec } from '../../engine/commitment/spec.ts';
import {
  channelPair,
  preimageOf,
  seenFromOtherEnd,
  specWith,
  type ChannelEnd,
} from '../../engine/testkit/commitment-pair.ts';
import { Bitcoind } from '../world/bitcoind.ts';

const CAPACITY = 5_000_000;
const NUMBER = 3;
const DELAY = 3;
const DESTINATION = witnessProgram(1, new Uint8Array(32).fill(9));
const RATE = feeratePerKw(1000);

let chain: Bitcoind;
beforeAll(async () => {
  chain = await Bitcoind.start();
});
afterAll(() => chain.stop());

/** Pays to `script` and confirms. */
async function pay(script: Uint8Array, amount: number): Promise<OutPoint> {
  const id = await chain.fund(addressOf(script, 'regtest')!, BigInt(amount));
  const tx = parseTxHex(await chain.rpc.call<string>('getrawtransaction', id));
  if (!tx.ok) throw new Error(tx.error.code);
  const index = tx.value.outputs.findIndex((output) => toHex(output.script) === toHex(script));
  return { txId: txId(id), index };
}

/** '' when the node would take `tx` now, else its reason. Its size must be ours. */
async function refusal(tx: Tx): Promise<string> {
  const [answer] = await chain.rpc.call<[{ allowed: boolean; vsize?: number; 'reject-reason'?: string }]>(
    'testmempoolaccept',
    [toHex(serializeTx(tx))],
  );
  if (answer.allowed) expect(answer.vsize).toBe(virtualSizeOf(tx));
  return answer['reject-reason'] ?? '';
}

async function confirm(tx: Tx): Promise<void> {
  expect(await chain.rpc.call('sendrawtransaction', toHex(serializeTx(tx)))).toBe(txIdOf(tx));
  await chain.mine(1);
}

function spend(signer: ChannelSigner, ...claims: readonly Claim[]): Tx {
  const tx = buildClaimTx(claims, DESTINATION, RATE);
  if (!tx.ok) throw new Error(tx.error.code);
  return signer.signClaims(tx.value, claims);
}

/** A coin of the signer's own, as a wallet would bring it to pay for what has no fee. */
async function coin(signer: ChannelSigner): Promise<Claim> {
  const publicKey = signer.basepoints.payment;
  const script = p2wpkh(publicKey);
  return {
    kind: 'remote-main',
    outPoint: await pay(script, 100_000),
    amount: sat(100_000),
    script,
    lock: { tag: 'p2wpkh', publicKey },
    version: 2,
    sequence: 0xfffffffd,
    lockTime: 0,
    key: { tag: 'payment' },
    before: [],
    after: [],
  };
}

type Opened = {
  readonly alice: ChannelEnd;
  readonly bob: ChannelEnd;
  readonly spec: CommitmentSpec;
  /** Alice's commitment, as each end has it. */
  readonly atAlice: Commitment;
  readonly atBob: Commitment;
  readonly signatures: CommitmentSignatures;
  readonly signed: Tx;
};

/** Two HTLCs each way, of which the last in each direction expires later than anybody waits. */
async function open(format: FormatId): Promise<Opened> {
  const keys = channelPair(format).alice.params.funding;
  const outPoint = await pay(fundingLock(keys).script, CAPACITY);
  const { alice, bob } = channelPair(format, { outPoint, capacity: CAPACITY, delays: [DELAY, DELAY + 1] });
  const height = await chain.height();
  const amounts = { outgoing: [20_000, 30_000], incoming: [40_000, 50_000] };
  const soon = specWith(CAPACITY, amounts, 1000, height);
  const spec = {
    ...soon,
    htlcs: soon.htlcs.map((htlc) =>
      htlc.id === 0n ? htlc : { ...htlc, cltvExpiry: (height + 1000) as typeof htlc.cltvExpiry },
    ),
  };
  const point = alice.signer.point(NUMBER);
  const atAlice = buildCommitment(alice.params, 'local', NUMBER, point, spec);
  const atBob = buildCommitment(bob.params, 'remote', NUMBER, point, seenFromOtherEnd(spec));
  const signatures = bob.signer.signRemoteCommitment(atBob);
  const signed = alice.signer.signLocalCommitment(atAlice, signatures.signature);
  return { alice, bob, spec, atAlice, atBob, signatures, signed };
}

describe.each(['static-remotekey', 'anchors-zero-fee'] as const)('bitcoind takes, of %s:', (format) => {
  const anchors = format === 'anchors-zero-fee';
  let channel: Opened;
  beforeAll(async () => {
    channel = await open(format);
  });

  /** The HTLC transaction of alice's commitment, with a coin for the fee where it has none. */
  async function htlcTx(index: number): Promise<Tx> {
    const { alice, atAlice, signatures } = channel;
    const output = atAlice.htlcs[index]!;
    const preimage = output.kind === 'received' ? preimageOf(output.htlc) : null;
    const claim = htlcTransactionClaim(atAlice, output, signatures.htlcSignatures[index]!, preimage);
    const base = buildHtlcTx(claim);
    if (!anchors) return alice.signer.signClaims(base, [claim]);
    const fee = await coin(alice.signer);
    const input = {
      outPoint: fee.outPoint,
      sequence: fee.sequence,
      scriptSig: new Uint8Array(),
      witness: [],
    };
    const joined = {
      ...base,
      inputs: [...base.inputs, input],
      outputs: [...base.outputs, { amount: sat(99_000), script: DESTINATION }],
    };
    return alice.signer.signClaims(joined, [claim, fee]);
  }

  test('a closing transaction, with or without one side', async () => {
    const { alice, bob } = channel;
    const { funding } = alice.params;
    const share = { amount: sat(CAPACITY / 2), script: DESTINATION };
    const other = { ...share, script: p2wpkh(bob.signer.basepoints.payment) };
    const terms = { funding, local: share, remote: other, fee: sat(400), feePayer: 'local' } as const;
    for (const omit of [undefined, 'remote'] as const) {
      const closing = closingTransaction(terms, sat(354), omit);
      if (!closing.ok) throw new Error(closing.error.code);
      const { tx } = closing.value;
      const ours = alice.signer.signFundingSpend(tx, 0, funding);
      const theirs = bob.signer.signFundingSpend(tx, 0, bob.params.funding);
      // Without the peer's half the rest of it is fee, beyond what the node takes without being told.
      const expected = omit === undefined ? '' : 'max-fee-exceeded';
      expect(await refusal(assembleFundingSpend(tx, 0, funding, ours, theirs))).toBe(expected);
      expect(await refusal(assembleFundingSpend(tx, 0, funding, ours, ours))).not.toBe('');
    }
  });

  test('the commitment transaction', async () => {
    expect(await refusal(channel.signed)).toBe('');
    await confirm(channel.signed);
  });

  test('of the other end: its main output, HTLCs by preimage and, once expired, without', async () => {
    const { bob, atBob, signed } = channel;
    expect(await refusal(spend(bob.signer, remoteMainClaim(bob.params, signed)!))).toBe('');
    for (const output of atBob.htlcs) {
      const { id, direction } = output.htlc;
      // Preimages are named by the direction at alice.
      const preimage =
        output.kind === 'offered'
          ? preimageOf({ id, direction: direction === 'incoming' ? 'outgoing' : 'incoming' })
          : null;
      const tx = spend(bob.signer, remoteHtlcClaim(atBob, output, preimage));
      expect(await refusal(tx)).toBe(preimage === null && id === 1n ? 'non-final' : '');
    }
  });

  test('of the owner: HTLC transactions', async () => {
    for (const [index, output] of channel.atAlice.htlcs.entries()) {
      const early = output.kind === 'offered' && output.htlc.id === 1n;
      expect(await refusal(await htlcTx(index))).toBe(early ? 'non-final' : '');
    }
  });

  test('anchors of both ends', async () => {
    const { alice, bob, atAlice, atBob } = channel;
    for (const [end, commitment] of [
      [alice, atAlice],
      [bob, atBob],
    ] as const) {
      const anchor = anchorClaim(commitment);
      expect(anchor !== null).toBe(anchors);
      if (anchor !== null) expect(await refusal(spend(end.signer, anchor, await coin(end.signer)))).toBe('');
    }
  });

  test('one penalty for everything, as if the commitment were revoked', async () => {
    const { alice, bob, spec, signed } = channel;
    const revoked = revokedCommitment(bob.params, alice.signer.releaseSecret(NUMBER));
    const claims = revokedClaims(revoked, signed, seenFromOtherEnd(spec).htlcs);
    expect(claims.length).toBe(6);
    expect(await refusal(spend(bob.signer, ...claims))).toBe('');
    for (const claim of claims) expect(await refusal(spend(bob.signer, claim))).toBe('');
  });

  test('of the owner: its main output after the delay, not before', async () => {
    const { alice, atAlice, signed } = channel;
    const tx = spend(alice.signer, localDelayedClaim(atAlice)!);
    const { confirmations } = await chain.rpc.call<{ confirmations: number }>(
      'getrawtransaction',
      txIdOf(signed),
      true,
    );
    if (confirmations < DELAY) {
      expect(await refusal(tx)).toBe('non-BIP68-final');
      await chain.mine(DELAY - confirmations);
    }
    expect(await refusal(tx)).toBe('');
  });

  test('the outputs of HTLC transactions: to the owner after the delay, to the other end by revocation', async () => {
    const { alice, bob, atAlice } = channel;
    const revoked = revokedCommitment(bob.params, alice.signer.releaseSecret(NUMBER));
    for (const [index, output] of atAlice.htlcs.entries()) {
      if (output.htlc.id === 1n && output.kind === 'offered') continue;
      const first = await htlcTx(index);
      await confirm(first);
      const [penalty] = revokedHtlcTxClaims(revoked, first);
      expect(await refusal(spend(bob.signer, penalty!))).toBe('');
      const tx = spend(alice.signer, htlcDelayedClaim(atAlice, output, txIdOf(first), 0));
      expect(await refusal(tx)).toBe('non-BIP68-final');
      await chain.mine(DELAY - 1);
      expect(await refusal(tx)).toBe('');
    }
  });
});
