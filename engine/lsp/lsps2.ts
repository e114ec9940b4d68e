import type { NodeId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockDelta, type BlockDelta, type Msat, type Scid } from '../base/units.ts';
import { nonsense, type LspFailure } from './lsp-failure.ts';
import { readMenu, type OpeningFeeParams } from './opening-fee-params.ts';
import type { RpcAnswer, RpcClient } from './rpc-client.ts';
import { readScid, readWhole, writeMsat } from './scalars.ts';

/** bLIP 52 §2: the result of `lsps2.buy`. */
export type Bought = {
  /** Of the channel that does not exist yet, for the route hint. */
  readonly scid: Scid;
  /** Of that hint. */
  readonly cltvDelta: BlockDelta;
  /** It may wait with the funding transaction until it has the preimage. */
  readonly clientTrustsLsp: boolean;
};

/** No payer would go further: half of what BOLT 4 lets an HTLC be held. */
const MOST_CLTV = 1_008;

/**
 * bLIP 52 §1: "The client MUST request `lsps2.get_info` to read the `opening_fee` of the LSP and its related parameters."
 * @param token what the LSP gave to this user, in words of its own. bLIP 52 §1: "`token` is an *optional*, arbitrary JSON
 * string."
 */
export function getInfo(
  rpc: Pick<RpcClient, 'ask'>,
  lsp: NodeId,
  token: string | null,
): Promise<Result<readonly OpeningFeeParams[], LspFailure>> {
  const params = token === null ? [] : [['token', JSON.stringify(token)] as const];
  return new Promise((resolve) =>
    rpc.ask(lsp, 'lsps2.get_info', params, (answer) => resolve(answer.ok ? readMenu(answer.value) : answer)),
  );
}

/**
 * @param payment null: the payer chooses. bLIP 52 §2: "If the client wants to issue a variable-amount invoice […] the client
 * MUST leave out this parameter, but MUST indicate to the payer to **NOT** use multipath payments."; "If the client wants to
 * issue a fixed-amount invoice, the client SHOULD provide this parameter".
 */
export function buy(
  rpc: Pick<RpcClient, 'ask'>,
  lsp: NodeId,
  params: OpeningFeeParams,
  payment: Msat | null,
): Promise<Result<Bought, LspFailure>> {
  return new Promise((resolve) =>
    rpc.ask(
      lsp,
      'lsps2.buy',
      [
        ['opening_fee_params', params.text],
        ...(payment === null ? [] : [['payment_size_msat', JSON.stringify(writeMsat(payment))] as const]),
      ],
      (answer) => resolve(readBought(answer)),
    ),
  );
}

function readBought(answer: RpcAnswer): Result<Bought, LspFailure> {
  if (!answer.ok) return err(answer.error);
  const { result } = answer.value;
  // bLIP 52 §2: "`jit_channel_scid` is the SCID to use for creating the route hint in the invoice […], and
  // `lsp_cltv_expiry_delta` is the CLTV delta for that route hint hop."
  const scid = readScid(result['jit_channel_scid']);
  const cltvDelta = readWhole(result['lsp_cltv_expiry_delta'], MOST_CLTV);
  // bLIP 52 §2: "`client_trusts_lsp` is an *optional* Boolean. If not specified, it defaults to `false`."
  const trusts = result['client_trusts_lsp'] ?? false;
  if (scid === null || cltvDelta === null || typeof trusts !== 'boolean')
    return nonsense('an answer to buy that cannot be read');
  return ok({ scid, cltvDelta: blockDelta(cltvDelta), clientTrustsLsp: trusts });
}
