import { outPointKey, type TxId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { FeeratePerKw, Sat } from '../../base/units.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { isClaim } from '../claims/attempt.ts';
import type { BumpQuote } from '../api.ts';
import type { Desks } from '../desks.ts';
import type { Refusal } from '../refusal.ts';
import { planHurry, type Hurry } from './hurry-plan.ts';

type Request = { readonly id: TxId; readonly feerate: FeeratePerKw; readonly maxFee?: Sat };
type Claims = Pick<Desks, 'core' | 'claims'>;

/** It takes what a closing channel is owed: who raises its fee by itself has its deadline and its bound against it. */
export const isOfClose = ({ core }: Claims, id: TxId): boolean => {
  const entry = core.wallet.txs.get(id);
  return entry !== undefined && entry.at === null && isClaim(entry.purpose);
};

/** The same as hurrying the close that it is of. */
function hurryOf(desks: Claims, { id, feerate }: Request): Result<Hurry, Refusal> {
  const owner = desks.claims.ownerOf(id);
  return owner === null
    ? err({ code: 'not-replaceable', reason: 'the close that it was for is over' })
    : planHurry(desks, owner, feerate);
}

export function quoteClaimBump(desks: Claims, request: Request): Result<BumpQuote, Refusal> {
  const hurried = hurryOf(desks, request);
  return hurried.ok ? ok({ ...hurried.value.quote, kind: 'replacement', amountSat: null }) : hurried;
}

export function bumpClaim(
  desks: Claims,
  request: Request,
): Promise<Result<{ readonly txId: string; readonly feeSat: bigint }, Refusal>> {
  const { core, claims } = desks;
  return core.inTurn((turn, done) => {
    const hurried = hurryOf(desks, request);
    if (!hurried.ok) return done(hurried);
    const { plan, mine, quote } = hurried.value;
    const { maxFee } = request;
    if (maxFee !== undefined && quote.feeSat > maxFee)
      return done(
        err({ code: 'fee-above-limit', feeMsat: quote.feeSat * 1_000n, limitMsat: maxFee * 1_000n }),
      );
    const before = core.wallet.txs.get(request.id)?.tx.inputs.map(({ outPoint }) => outPointKey(outPoint));
    claims.take(turn, plan);
    const keys = new Set(before);
    const next =
      mine.find(({ tx }) => tx.inputs.some(({ outPoint }) => keys.has(outPointKey(outPoint)))) ?? mine[0];
    done(ok({ txId: next === undefined ? request.id : txIdOf(next.tx), feeSat: quote.feeSat }));
  });
}
