import { outPointKey, type TxId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { FeeratePerKw, Sat } from '../../base/units.ts';
import { feerateToSatPerVb } from '../../bitcoin/fee.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { scriptOfAddress } from '../../bitcoin/address.ts';
import type { Refused } from '../../chain/broadcast.ts';
import { labelAddress, newAddress } from '../../wallet/addresses.ts';
import { bumpFee, cancelTx, type Bumped } from '../../wallet/bump-fee.ts';
import { walletTransaction } from '../../wallet/history.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import { abandonTx, unconfirmedParents } from '../../wallet/record-tx.ts';
import { quoteSend, send, type SendRequest } from '../../wallet/send.ts';
import type { WalletStep } from '../../wallet/wallet-state.ts';
import type { WalletRefusal } from '../../wallet/wallet-refusal.ts';
import type { Answer, BesideInvoice, BumpQuote, FeeChoice, NodeApi } from '../api.ts';
import {
  feerateArgument,
  invalid,
  labelArgument,
  satArgument,
  textArgument,
  txIdArgument,
} from '../arguments.ts';
import { reserveWanted } from '../claims/reserve.ts';
import type { Desks } from '../desks.ts';
import { refusalFromWallet } from '../refusal-from.ts';
import { refusedReceive } from '../receive-limit.ts';
import { psbtWhenAsked } from './psbt-when-asked.ts';
import { mayBePaid, type MayBePaid } from './may-be-paid.ts';
import { readInvoice } from './read-invoice.ts';
import { bumpClaim, isOfClose, quoteClaimBump } from './bump-claim.ts';
import { dipsIntoReserve, sendRefusal, type Dip } from './reserve-refusal.ts';
import type { Refusal } from '../refusal.ts';

export type Sent = { readonly txId: string; readonly feeSat: bigint };
export type Made = WalletStep & {
  readonly tx: Tx;
  readonly fee: Sat;
  /** What it spends that is in no block: goes out with it, where it may be in no mempool by now. */
  readonly parents?: readonly Tx[];
};

/** Coins: addresses, quotes, payments, fee bumping. */
export function onchainCommands(
  desks: Desks,
): Pick<
  NodeApi,
  | 'newAddress'
  | 'labelAddress'
  | 'quoteOnchain'
  | 'sendToAddress'
  | 'sendAllToAddress'
  | 'quoteBumpFee'
  | 'bumpFee'
  | 'quoteCancelSend'
  | 'cancelSend'
  | 'psbt'
> {
  const { core, channels } = desks;
  /** Saves what `make` made, tells the chain, and takes it back when no server wants it and that is no reason to keep it. */
  async function publish(
    make: () => Result<Made, WalletRefusal | Dip | MayBePaid>,
    keeps: (refused: Refused) => boolean = () => false,
    explain: (refusal: WalletRefusal) => Refusal = refusalFromWallet,
  ): Answer<Sent> {
    const { running } = core;
    if (running === null) return err({ code: 'not-running' });
    const made = await core.inTurn<Result<Made, WalletRefusal | Dip | MayBePaid>>((turn, done) => {
      const result = make();
      if (result.ok) channels.applyWallet(turn, result.value);
      done(result);
    });
    if (!made.ok) {
      const { error } = made;
      return err(error.code === 'reserve-needed' || error.code === 'may-be-paid' ? error : explain(error));
    }
    const { tx, fee, parents = [] } = made.value;
    const txId = txIdOf(tx);
    const told = await running.chain.broadcastPackage([...parents, tx], 'wallet-send');
    if (told.ok || told.error.code !== 'broadcast-refused') return ok({ txId, feeSat: fee });
    // Another may have taken it before, or from somebody else: then its coins are spent, whatever this one says.
    const known = await running.chain.reader.isKnownToAny(txId);
    if (!known.ok || known.value) return ok({ txId, feeSat: fee });
    const { detail } = told.error;
    if (keeps(told.error)) return err({ code: 'broadcast-refused', detail, isKept: true });
    running.chain.forgetBroadcast(txId);
    await core.inTurn<void>((turn, done) => {
      channels.applyWallet(turn, abandonTx(core.wallet, txId));
      done();
    });
    return err({ code: 'broadcast-refused', detail });
  }

  function request(
    address: unknown,
    amountSat: unknown,
    fee: unknown,
    maxFeeSat: unknown,
  ): Result<SendRequest, Refusal> {
    const text = textArgument(address, 'address', 200);
    if (!text.ok) return text;
    const amount = amountSat === 'all' ? ok('all' as const) : satArgument(amountSat, 'amountSat');
    if (!amount.ok) return amount;
    const feerate = feerateArgument(core, fee);
    if (!feerate.ok) return feerate;
    const wish = {
      address: text.value,
      amount: amount.value,
      feerate: feerate.value,
      keepBack: reserveWanted(core),
    };
    if (maxFeeSat === undefined) return ok(wish);
    const maxFee = satArgument(maxFeeSat, 'maxFeeSat');
    return maxFee.ok ? ok({ ...wish, maxFee: maxFee.value }) : maxFee;
  }

  const pay = async (
    address: string,
    amount: bigint | 'all',
    fee: FeeChoice,
    maxFeeSat?: bigint,
    label = '',
    beside: BesideInvoice = {},
  ): Answer<Sent> => {
    const wish = request(address, amount, fee, maxFeeSat);
    if (!wish.ok) return wish;
    const text = labelArgument(label);
    if (!text.ok) return text;
    const { invoice, isUnpaid } = beside ?? {};
    const read = invoice === undefined ? null : readInvoice(invoice, core.options.network);
    if (read?.ok === false) return read;
    return publish(
      () => {
        const by = read === null || isUnpaid === true ? null : mayBePaid(desks, read.value, address);
        if (by !== null) return err({ code: 'may-be-paid', by });
        return send(core.wallet, core.keys, { ...wish.value, label: text.value }, core.options.clock.now());
      },
      // Servers were given it, and may publish it whatever they say: paid once more, from other coins, it would be paid
      // twice. One that takes its place spends the same coins.
      () => true,
      (refusal) => sendRefusal(core, wish.value, refusal),
    );
  };

  type BumpRequest = { readonly id: TxId; readonly feerate: FeeratePerKw; readonly maxFee?: Sat };

  function bumpRequest(txId: unknown, fee: unknown, maxFeeSat: unknown): Result<BumpRequest, Refusal> {
    const id = txIdArgument(txId);
    if (!id.ok) return id;
    const feerate = feerateArgument(core, fee);
    if (!feerate.ok) return feerate;
    if (maxFeeSat === undefined) return ok({ id: id.value, feerate: feerate.value });
    const maxFee = satArgument(maxFeeSat, 'maxFeeSat');
    return maxFee.ok ? ok({ id: id.value, feerate: feerate.value, maxFee: maxFee.value }) : maxFee;
  }

  /** `bumpFee` or `cancelTx`, as things are now. A step is nothing but values: one that is not taken leaves no trace. */
  type Replace = typeof bumpFee | typeof cancelTx;
  function replaced(how: Replace, { id, ...limits }: BumpRequest): Result<Bumped, WalletRefusal | Dip> {
    const made = how(core.wallet, core.keys, id, limits, core.options.clock.now());
    const dip = made.ok ? dipsIntoReserve(core, made.value) : null;
    return dip === null ? made : err(dip);
  }

  function quoteReplaced(how: Replace, wish: BumpRequest): Result<BumpQuote, Refusal> {
    const made = replaced(how, wish);
    if (made.ok) return ok(quoteOf(made.value, wish));
    return err(made.error.code === 'reserve-needed' ? made.error : refusalFromWallet(made.error));
  }

  /** Whoever took back a payment does not want it to be offered with each block. */
  function forgetRivals(txId: TxId): void {
    const tx = core.wallet.txs.get(txId)?.tx;
    const spent = new Set(tx?.inputs.map(({ outPoint }) => outPointKey(outPoint)));
    for (const [id, { tx: rival }] of core.wallet.txs)
      if (id !== txId && rival.inputs.some(({ outPoint }) => spent.has(outPointKey(outPoint))))
        core.running?.chain.forgetBroadcast(id);
  }

  const publishReplaced = (how: Replace, wish: BumpRequest): Answer<Sent> =>
    publish(() => {
      const made = replaced(how, wish);
      if (!made.ok) return made;
      return ok({ ...made.value, parents: unconfirmedParents(core.wallet, made.value.tx) });
    });

  function quoteOf({ tx, fee, kind, state }: Bumped, { id, feerate }: BumpRequest): BumpQuote {
    const paidNow = kind === 'child' ? 0n : (walletTransaction(core.wallet, id)?.fee ?? 0n);
    const ledger = ledgerOf(state);
    const others = tx.outputs.filter(({ script }) => ledger.ownScript(script) === null);
    return {
      kind,
      feeSat: fee,
      extraSat: fee - paidNow,
      amountSat: kind === 'child' ? null : others.reduce((sum, { amount }) => sum + amount, 0n),
      feerateSatPerVb: feerateToSatPerVb(feerate),
    };
  }

  return {
    newAddress: async (label) => {
      const text = label === undefined ? ok(label) : labelArgument(label);
      if (!text.ok) return text;
      return core.inTurn((turn, done) => {
        const refused = refusedReceive(core, null);
        if (refused !== null) return done(err(refused));
        const given = newAddress(core.wallet, text.value === undefined ? {} : { label: text.value });
        channels.applyWallet(turn, given);
        done(ok({ address: given.address, index: given.script.index }));
      });
    },
    labelAddress: async (address, label) => {
      const to = textArgument(address, 'address', 200);
      if (!to.ok) return to;
      const text = labelArgument(label);
      if (!text.ok) return text;
      return core.inTurn((turn, done) => {
        const script = scriptOfAddress(to.value, core.options.network);
        const own = script.ok ? ledgerOf(core.wallet).ownScript(script.value) : null;
        if (own === null) return done(invalid('address', 'no address of this wallet'));
        channels.applyWallet(turn, labelAddress(core.wallet, own, text.value));
        done(ok(undefined));
      });
    },

    quoteOnchain: (address, amountSat, fee) => {
      const wish = request(address, amountSat, fee, undefined);
      if (!wish.ok) return Promise.resolve(wish);
      const quote = quoteSend(core.wallet, wish.value);
      if (!quote.ok) return Promise.resolve(err(sendRefusal(core, wish.value, quote.error)));
      const { amount, fee: cost, change } = quote.value;
      return Promise.resolve(
        ok({
          amountSat: amount,
          feeSat: cost,
          totalSat: amount + cost,
          feerateSatPerVb: feerateToSatPerVb(wish.value.feerate),
          changeSat: change,
        }),
      );
    },

    sendToAddress: (address, amountSat, fee, maxFeeSat, label, beside) =>
      typeof amountSat === 'bigint'
        ? pay(address, amountSat, fee, maxFeeSat, label, beside)
        : Promise.resolve(invalid('amountSat', 'an amount is needed')),
    sendAllToAddress: (address, fee, maxFeeSat, label, beside) =>
      pay(address, 'all', fee, maxFeeSat, label, beside),

    quoteBumpFee: (txId, fee) => {
      const wish = bumpRequest(txId, fee, undefined);
      if (!wish.ok) return Promise.resolve(wish);
      if (isOfClose(desks, wish.value.id)) return Promise.resolve(quoteClaimBump(desks, wish.value));
      return Promise.resolve(quoteReplaced(bumpFee, wish.value));
    },
    bumpFee: async (txId, fee, maxFeeSat) => {
      const wish = bumpRequest(txId, fee, maxFeeSat);
      if (!wish.ok) return wish;
      if (isOfClose(desks, wish.value.id)) return bumpClaim(desks, wish.value);
      return publishReplaced(bumpFee, wish.value);
    },
    quoteCancelSend: (txId, fee) => {
      const wish = bumpRequest(txId, fee, undefined);
      return Promise.resolve(wish.ok ? quoteReplaced(cancelTx, wish.value) : wish);
    },
    cancelSend: async (txId, fee, maxFeeSat) => {
      const wish = bumpRequest(txId, fee, maxFeeSat);
      if (!wish.ok) return wish;
      const cancelled = await publishReplaced(cancelTx, wish.value);
      if (cancelled.ok) forgetRivals(cancelled.value.txId as TxId);
      return cancelled;
    },

    psbt: psbtWhenAsked({ core, channels }, { request, publish }),
  };
}
