import { toHex } from '../base/bytes.ts';
import { outPointKey, type OutPoint, type TxId } from '../base/ids.ts';
import type { BlockHeight } from '../base/units.ts';
import { remove, type Write } from '../base/write.ts';
import {
  accountsRecord,
  frozenRecord,
  KEYS,
  putRecord,
  reservationRecord,
  scriptRecord,
  txRecord,
} from './wallet-record.ts';
import type {
  Accounts,
  Reservation,
  WalletScript,
  WalletState,
  WalletStep,
  WalletTx,
} from './wallet-state.ts';

/** The next state while it is being made: each change of the state is a write of the same name. */
export class WalletDraft {
  #state: WalletState;
  readonly #writes = new Map<string, Write>();

  constructor(state: WalletState) {
    this.#state = state;
  }

  get state(): WalletState {
    return this.#state;
  }

  finish(): WalletStep {
    return { state: this.#state, commit: [...this.#writes.values()] };
  }

  setAccounts(accounts: Accounts): void {
    this.#state = { ...this.#state, accounts };
    this.#write(putRecord(KEYS.accounts, accountsRecord, accounts));
  }

  putScript(script: WalletScript): void {
    const scripts = new Map(this.#state.scripts).set(toHex(script.script), script);
    this.#state = { ...this.#state, scripts };
    this.#write(putRecord(KEYS.script(script), scriptRecord, script));
  }

  putTx(id: TxId, tx: WalletTx): void {
    this.#state = { ...this.#state, txs: new Map(this.#state.txs).set(id, tx) };
    this.#write(putRecord(KEYS.tx(id), txRecord, tx));
  }

  removeTx(id: TxId): void {
    const txs = new Map(this.#state.txs);
    txs.delete(id);
    this.#state = { ...this.#state, txs };
    this.#write(remove('wallet', KEYS.tx(id)));
  }

  putReservation(reservation: Reservation): void {
    const reservations = new Map(this.#state.reservations).set(reservation.id, reservation);
    this.#state = { ...this.#state, reservations };
    this.#write(putRecord(KEYS.reservation(reservation.id), reservationRecord, reservation));
  }

  removeReservation(id: TxId): void {
    const reservations = new Map(this.#state.reservations);
    reservations.delete(id);
    this.#state = { ...this.#state, reservations };
    this.#write(remove('wallet', KEYS.reservation(id)));
  }

  freeze(outPoint: OutPoint): void {
    const frozen = new Map(this.#state.frozen).set(outPointKey(outPoint), outPoint);
    this.#state = { ...this.#state, frozen };
    this.#write(putRecord(KEYS.frozen(outPoint), frozenRecord, { outPoint }));
  }

  thaw(outPoint: OutPoint): void {
    const frozen = new Map(this.#state.frozen);
    frozen.delete(outPointKey(outPoint));
    this.#state = { ...this.#state, frozen };
    this.#write(remove('wallet', KEYS.frozen(outPoint)));
  }

  /** Not kept on disk. */
  setTip(tipHeight: BlockHeight): void {
    this.#state = { ...this.#state, tipHeight };
  }

  #write(write: Write): void {
    this.#writes.set(write.key, write);
  }
}
