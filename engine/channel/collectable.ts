import { unreachable } from '../base/assert.ts';
import type { Env } from './env.ts';
import { isInBlock, isUnseen } from './funded.ts';
import { trimThreshold } from './ledger/load.ts';
import { feerateOf, LOCAL, REMOTE, SIGNED_REMOTE, type View } from './ledger/view.ts';
import type { LiveHtlc } from './ledger.ts';
import { doomed } from './phases/normal/offer.ts';
import type { Side } from '../commitment/params.ts';
import { isLive, type Closing, type Durable } from './state.ts';

/** `unfunded`: the funding transaction is in no block any more. `at-risk`: it would be lost, or might be. */
export type Collectable = 'yes' | 'unfunded' | 'at-risk';

/**
 * Whether an incoming HTLC would be ours if its preimage were given now. What was so when it was offered may have changed:
 * the fee rate, the block of the funding transaction, or where the channel stands.
 * @param isBelieved the peer need not have shown the funding transaction yet.
 */
export function isCollectable(
  durable: Durable | null,
  id: bigint,
  env: Pick<Env, 'config' | 'feerates'>,
  isBelieved: boolean,
): Collectable {
  const htlc = durable?.ledger.incoming.get(id);
  if (!durable || htlc === undefined || !isOpen(htlc)) return 'at-risk';
  if (!isInBlock(durable) && !(isBelieved && isUnseen(durable))) return 'unfunded';
  const { params, ledger } = durable;
  const isSafe = (): boolean => doomed(params, ledger, env, [htlc.add]).size === 0;
  if (durable.phase === 'closing')
    return hasOutput(durable, htlc) && (isMined(durable) || isSafe()) ? 'yes' : 'at-risk';
  // Data that was lost: which commitment will be on the chain, and what it has, the peer alone knows.
  return isLive(durable) && isSafe() ? 'yes' : 'at-risk';
}

const isOpen = ({ step, removal }: LiveHtlc): boolean => step === 4 && removal === null;

const isMined = ({ spend }: Closing): boolean => spend !== null && spend.at !== null;

/** In the commitment that is on the chain, or that is on its way there. */
function hasOutput(closing: Closing, htlc: LiveHtlc): boolean {
  if (closing.lostData) return false;
  const published = commitmentOf(closing.spend?.kind ?? 'local');
  if (published === null) return false;
  const { params, ledger } = closing;
  const [owner, view] = published;
  const feerate = feerateOf(ledger, view, params.opener);
  return htlc.add.amount >= trimThreshold(params, owner, 'incoming', feerate);
}

/** Of one that we cannot make nothing is known. What is revoked we take whole, and without preimages. */
function commitmentOf(kind: NonNullable<Closing['spend']>['kind']): readonly [Side, View] | null {
  switch (kind) {
    case 'local':
      return ['local', LOCAL];
    case 'remote':
      return ['remote', REMOTE];
    case 'remote-next':
      return ['remote', SIGNED_REMOTE];
    case 'mutual':
    case 'revoked':
    case 'unknown':
      return null;
    default:
      return unreachable(kind);
  }
}
