import type { TxId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { sat } from '../../base/units.ts';
import type { Refused } from '../../chain/broadcast.ts';
import { addressOf } from '../../bitcoin/address.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import {
  completePsbt,
  createPsbt,
  inspectPsbt,
  signPsbt,
  waitingPsbt,
  type CreatedPsbt,
} from '../../wallet/psbt.ts';
import { noteTx } from '../../wallet/record-tx.ts';
import { publishReserved, releaseReservation } from '../../wallet/reservations.ts';
import type { SendRequest } from '../../wallet/send.ts';
import type { WalletRefusal } from '../../wallet/wallet-refusal.ts';
import type { Answer } from '../api.ts';
import { invalid, txIdArgument } from '../arguments.ts';
import type { Desks } from '../desks.ts';
import type { PsbtApi } from '../psbt-api.ts';
import { refusalFromWallet } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';
import type { Made, Sent } from './onchain.ts';
import { sendRefusal, takesReserve, type Dip } from './reserve-refusal.ts';

const LONGEST = 1_000_000;

function psbtArgument(given: unknown): Result<string, Refusal> {
  if (typeof given !== 'string') return invalid('psbt', 'a PSBT in base64 is needed');
  if (given.length > LONGEST) return err({ code: 'input-too-long', length: given.length, limit: LONGEST });
  return ok(given);
}

/** How any payment on chain is asked for, and how it goes out. */
export type Onchain = {
  readonly request: (
    address: unknown,
    amountSat: unknown,
    fee: unknown,
    maxFeeSat: unknown,
  ) => Result<SendRequest, Refusal>;
  readonly publish: (
    make: () => Result<Made, WalletRefusal | Dip>,
    /** Whether one that servers refuse like that stays a payment all the same. */
    keeps: (refused: Refused) => boolean,
  ) => Answer<Sent>;
};

export function psbtCommands(
  { core, channels }: Pick<Desks, 'core' | 'channels'>,
  { request, publish }: Onchain,
): PsbtApi {
  const { signedAway } = core;
  const isWaiting = (id: TxId): boolean => core.wallet.reservations.get(id)?.purpose === 'wallet-send';

  /** The reserved payment becomes the wallet's; one that others made with a coin of ours is noted. */
  function complete(text: string): Result<Made, WalletRefusal | Dip> {
    const tx = completePsbt(core.wallet, text);
    if (!tx.ok) return tx;
    const id = txIdOf(tx.value);
    const now = core.options.clock.now();
    const dip = isWaiting(id) ? null : takesReserve(core, tx.value);
    if (dip !== null) return err(dip);
    if (!isWaiting(id))
      return ok({ ...noteTx(core.wallet, { tx: tx.value, at: null }, now), tx: tx.value, fee: sat(0) });
    const fee = core.wallet.reservations.get(id)?.fee ?? sat(0);
    const published = publishReserved(core.wallet, id, now, { complete: tx.value });
    return published.ok ? ok({ ...published.value, fee }) : published;
  }

  const psbt: PsbtApi = {
    create: async (address, amountSat, fee, maxFeeSat) => {
      const wish = request(address, amountSat, fee, maxFeeSat);
      if (!wish.ok) return wish;
      if (core.running === null) return err({ code: 'not-running' });
      const made = await core.inTurn<Result<CreatedPsbt, WalletRefusal>>((turn, done) => {
        const created = createPsbt(core.wallet, wish.value, core.options.clock.now());
        if (created.ok) channels.applyWallet(turn, created.value);
        done(created);
      });
      if (!made.ok) return err(sendRefusal(core, wish.value, made.error));
      const { psbt: text, txId, amount, fee: feeSat, change } = made.value;
      return ok({ psbt: text, txId, amountSat: amount, feeSat, changeSat: change });
    },

    inspect: async (given) => {
      const text = psbtArgument(given);
      if (!text.ok) return text;
      const summary = inspectPsbt(core.wallet, text.value);
      if (!summary.ok) return err(refusalFromWallet(summary.error));
      const { tx, spent, returned, payments, fee } = summary.value;
      return ok({
        txId: txIdOf(tx),
        spentSat: spent,
        returnedSat: returned,
        payments: payments.map(({ script, amount }) => ({
          address: addressOf(script, core.options.network),
          amountSat: amount,
        })),
        feeSat: fee,
      });
    },

    sign: async (given) => {
      const text = psbtArgument(given);
      if (!text.ok) return text;
      const summary = inspectPsbt(core.wallet, text.value);
      if (!summary.ok) return err(refusalFromWallet(summary.error));
      // Whoever has it signed can publish it without us: this is the last moment to say no.
      const { tx } = summary.value;
      const id = txIdOf(tx);
      const dip = isWaiting(id) ? null : takesReserve(core, tx, [...signedAway.values()]);
      if (dip !== null) return err(dip);
      const signed = signPsbt(core.wallet, core.keys, text.value);
      if (!signed.ok) return err(refusalFromWallet(signed.error));
      if (!isWaiting(id)) signedAway.set(id, tx);
      return ok({
        psbt: signed.value.psbt,
        txId: txIdOf(tx),
        complete: signed.value.tx !== null,
      });
    },

    publish: async (given) => {
      const text = psbtArgument(given);
      if (!text.ok) return text;
      const summary = inspectPsbt(core.wallet, text.value);
      if (!summary.ok) return err(refusalFromWallet(summary.error));
      const id = txIdOf(summary.value.tx);
      const known = core.wallet.txs.get(id);
      if (known !== undefined && known.replacedBy !== null && known.at === null)
        return err({ code: 'broadcast-refused', detail: `${known.replacedBy} has taken its place` });
      // It went out before.
      if (known !== undefined) return ok({ txId: id });
      // As any payment: paid once more, from other coins, it would be paid twice. Where others sign too, theirs may be wrong,
      // and then it never can be.
      const isOurs = isWaiting(id);
      const sent = await publish(
        () => complete(text.value),
        ({ reason }) => isOurs || reason !== 'rejected',
      );
      return sent.ok ? ok({ txId: sent.value.txId }) : sent;
    },

    list: () =>
      core.driver.read(() =>
        ok(
          [...core.wallet.reservations.values()].flatMap(({ id, fee, createdAt }) => {
            const text = waitingPsbt(core.wallet, id);
            return text === null ? [] : [{ psbt: text, txId: id, feeSat: fee, createdAt }];
          }),
        ),
      ),

    release: async (txId) => {
      const id = txIdArgument(txId);
      if (!id.ok) return id;
      // Coins that a channel or a claim waits for are not this call's to give away.
      return core.inTurn((turn, done) => {
        if (!isWaiting(id.value)) return done(err({ code: 'unknown-transaction' }));
        channels.applyWallet(turn, releaseReservation(core.wallet, id.value));
        done(ok(undefined));
      });
    },
  };
  return psbt;
}
