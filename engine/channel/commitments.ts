import { assert } from '../base/assert.ts';
import { buildCommitment, type Commitment } from '../commitment/commitment.ts';
import type { CommitmentSpec } from '../commitment/spec.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { Env } from './env.ts';
import type { Ledger } from './ledger.ts';
import { LOCAL, REMOTE, SIGNED_REMOTE, specOf } from './ledger/view.ts';
import { commitmentParams, type ChannelParams } from './params.ts';
import type { ActiveCommitment, Core } from './state.ts';

/** Our commitment `ledger.localNumber` that spends one of the fundings. */
export const localCommitment = (
  params: ChannelParams,
  ledger: Ledger,
  { funding }: Pick<ActiveCommitment, 'funding'>,
  env: Env,
  spec: CommitmentSpec = specOf(ledger, LOCAL, params.opener),
): Commitment => {
  const number = ledger.localNumber;
  env.signer.prepareKeys(params, { owner: 'local', number });
  const point = env.signer.point(number);
  return buildCommitment(commitmentParams(params, funding), 'local', number, point, spec);
};

/** The peer's commitment that it has not revoked. */
export const remoteCommitment = (
  params: ChannelParams,
  ledger: Ledger,
  { funding }: Pick<ActiveCommitment, 'funding'>,
): Commitment =>
  buildCommitment(
    commitmentParams(params, funding),
    'remote',
    ledger.remoteNumber,
    ledger.remotePoint,
    specOf(ledger, REMOTE, params.opener),
  );

/**
 * The one after, which we signed and whose predecessor is not revoked yet.
 * BOLT 2 §Message Retransmission: "if it has sent a previous `commitment_signed` message: MUST handle the case where the
 * corresponding commitment transaction is broadcast at any time by the other side"
 */
export function unackedCommitment(
  params: ChannelParams,
  ledger: Ledger,
  { funding }: Pick<ActiveCommitment, 'funding'>,
): Commitment {
  assert(ledger.unacked !== null && ledger.remoteNextPoint !== null, 'nothing signed ahead');
  return buildCommitment(
    commitmentParams(params, funding),
    'remote',
    ledger.remoteNumber + 1,
    ledger.remoteNextPoint,
    specOf(ledger, SIGNED_REMOTE, params.opener),
  );
}

/**
 * Our latest commitment, ready to be published. There is no way to make an older one: none is kept.
 * BOLT 2 §revoke_and_ack: "MUST NOT broadcast old (revoked) commitment transactions"
 * BOLT 5 §Revoked Transaction Close Handling: "MUST NOT broadcast a commitment transaction for which *it* has exposed the
 * `per_commitment_secret`."
 */
export const signedLocalCommitment = (channel: Core, env: Env): Tx => {
  const [active] = channel.active;
  return env.signer.signLocalCommitment(
    localCommitment(channel.params, channel.ledger, active, env),
    active.remoteSignature,
  );
};
