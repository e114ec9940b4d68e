import { toHex } from '../base/bytes.ts';
import { paymentHash, txId } from '../base/ids.ts';
import { blockDelta, blockHeight, feeratePerKw, msat, sat } from '../base/units.ts';
import { channelSecrets } from '../commitment/channel-keys.ts';
import { memorySigner } from '../commitment/memory-signer.ts';
import type { CommitmentParams, FormatId, Funding, SideParams } from '../commitment/params.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import type { CommitmentSpec, Htlc } from '../commitment/spec.ts';
import { sha256 } from '../crypto/hash.ts';
import { Secret } from '../crypto/secret.ts';

/** One of the two ends of a channel: what it knows, always from its own side. */
export type ChannelEnd = { readonly params: CommitmentParams; readonly signer: ChannelSigner };

export type PairOptions = {
  readonly outPoint?: Funding['outPoint'];
  readonly capacity?: number;
  readonly dustLimit?: number;
  /** Blocks that each end's own money waits, in blocks: alice's and bob's. */
  readonly delays?: readonly [number, number];
};

const signerOf = (name: number): ChannelSigner =>
  memorySigner(
    channelSecrets(
      new Secret(new Uint8Array(32).fill(name)),
      new Secret(new Uint8Array(32).fill(name + 128)),
    ),
  );

/** Two ends with fixed secrets; alice opened. */
export function channelPair(
  format: FormatId,
  options: PairOptions = {},
): { readonly alice: ChannelEnd; readonly bob: ChannelEnd } {
  const [alice, bob] = [signerOf(1), signerOf(2)];
  const [aliceDelay, bobDelay] = options.delays ?? [144, 720];
  const dustLimit = sat(options.dustLimit ?? 354);
  const aliceParams: SideParams = { basepoints: alice.basepoints, dustLimit, delay: blockDelta(aliceDelay) };
  const bobParams: SideParams = { basepoints: bob.basepoints, dustLimit, delay: blockDelta(bobDelay) };
  const funding = {
    outPoint: options.outPoint ?? { txId: txId('ab'.repeat(32)), index: 1 },
    amount: sat(options.capacity ?? 10_000_000),
    keyIndex: 0,
  };
  const [aliceKey, bobKey] = [alice.fundingKey(0), bob.fundingKey(0)];
  return {
    alice: {
      signer: alice,
      params: {
        format,
        funding: { ...funding, localKey: aliceKey, remoteKey: bobKey },
        opener: 'local',
        local: aliceParams,
        remote: bobParams,
      },
    },
    bob: {
      signer: bob,
      params: {
        format,
        funding: { ...funding, localKey: bobKey, remoteKey: aliceKey },
        opener: 'remote',
        local: bobParams,
        remote: aliceParams,
      },
    },
  };
}

/** The preimage of the HTLC with this direction and id in `specWith`. */
export const preimageOf = ({ direction, id }: Pick<Htlc, 'direction' | 'id'>): Uint8Array =>
  sha256(Uint8Array.from([direction === 'incoming' ? 1 : 2, Number(id >> 8n), Number(id & 0xffn)]));

/** A spec of `outgoing` and `incoming` HTLCs of these amounts in satoshis, half of the rest on each side. */
export function specWith(
  capacity: number,
  htlcs: { readonly outgoing: readonly number[]; readonly incoming: readonly number[] },
  feerate = 1000,
  firstExpiry = 500,
): CommitmentSpec {
  const list = (direction: Htlc['direction'], amounts: readonly number[]): Htlc[] =>
    amounts.map((amount, id) => ({
      direction,
      id: BigInt(id),
      amount: msat(amount * 1000),
      paymentHash: paymentHash(toHex(sha256(preimageOf({ direction, id: BigInt(id) })))),
      cltvExpiry: blockHeight(firstExpiry + id),
    }));
  const all = [...list('outgoing', htlcs.outgoing), ...list('incoming', htlcs.incoming)];
  const rest = msat(capacity * 1000) - all.reduce((sum, { amount }) => sum + amount, 0n);
  const toLocal = rest / 2n;
  return {
    htlcs: all,
    feerate: feeratePerKw(feerate),
    toLocal: msat(toLocal),
    toRemote: msat(rest - toLocal),
  };
}

/** The same contents as the other end sees them. `preimageOf` still goes by the direction at the first end. */
export const seenFromOtherEnd = (spec: CommitmentSpec): CommitmentSpec => ({
  ...spec,
  toLocal: spec.toRemote,
  toRemote: spec.toLocal,
  htlcs: spec.htlcs.map((htlc) => ({
    ...htlc,
    direction: htlc.direction === 'incoming' ? 'outgoing' : 'incoming',
  })),
});
