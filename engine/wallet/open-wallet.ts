import { toHex } from '../base/bytes.ts';
import { outPointKey, txId, type OutPoint, type TxId } from '../base/ids.ts';
import type { Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockHeight, type BlockHeight } from '../base/units.ts';
import type { DecodeError } from '../codec/decode-error.ts';
import { decode, type Field } from '../codec/field.ts';
import type { KeyTree } from './key-tree.ts';
import {
  accountsRecord,
  frozenRecord,
  KEYS,
  reservationRecord,
  scriptRecord,
  txRecord,
} from './wallet-record.ts';
import { WalletDraft } from './wallet-draft.ts';
import type {
  Accounts,
  Reservation,
  WalletScript,
  WalletState,
  WalletStep,
  WalletTx,
} from './wallet-state.ts';

const blank = (network: Network, accounts: Accounts): WalletState => ({
  network,
  accounts,
  scripts: new Map(),
  txs: new Map(),
  reservations: new Map(),
  frozen: new Map(),
  tipHeight: blockHeight(0),
});

/** An empty wallet for these keys. For restored words, scan before the balance is believed. */
export function createWallet(keys: KeyTree, network: Network): WalletStep {
  const none = { receive: 0, change: 0 };
  const accounts: Accounts = {
    fingerprint: keys.fingerprint(),
    xpubs: { p2wpkh: keys.accountXpub('p2wpkh'), p2tr: keys.accountXpub('p2tr') },
    next: { p2wpkh: none, p2tr: none },
  };
  const draft = new WalletDraft(blank(network, accounts));
  draft.setAccounts(accounts);
  return draft.finish();
}

export type UnreadableWallet = DecodeError & { readonly key: string };

/**
 * The wallet from all entries of table `wallet`. Null when there is none; an entry that cannot be read is an error,
 * never a wallet without it.
 */
export function loadWallet(
  entries: Iterable<readonly [string, Uint8Array]>,
  network: Network,
): Result<WalletState | null, UnreadableWallet> {
  let accounts = null as Accounts | null;
  const scripts = new Map<string, WalletScript>();
  const txs = new Map<TxId, WalletTx>();
  const reservations = new Map<TxId, Reservation>();
  const frozen = new Map<string, OutPoint>();
  const read = <T>(
    field: Field<T>,
    key: string,
    value: Uint8Array,
    take: (value: T) => void,
  ): UnreadableWallet | null => {
    const decoded = decode(field, value);
    if (!decoded.ok) return { ...decoded.error, key };
    take(decoded.value);
    return null;
  };
  for (const [key, value] of entries) {
    const [table = '', name = ''] = key.split('/');
    const unreadable =
      key === KEYS.accounts
        ? read(accountsRecord, key, value, (found) => (accounts = found))
        : table === 'script'
          ? read(scriptRecord, key, value, (found) => scripts.set(toHex(found.script), found))
          : table === 'tx'
            ? read(txRecord, key, value, (found) => txs.set(txId(name), found))
            : table === 'reservation'
              ? read(reservationRecord, key, value, (found) => reservations.set(found.id, found))
              : table === 'frozen'
                ? read(frozenRecord, key, value, ({ outPoint }) =>
                    frozen.set(outPointKey(outPoint), outPoint),
                  )
                : null;
    if (unreadable !== null) return err(unreadable);
  }
  if (accounts === null) return ok(null);
  const tipHeight = highestBlock(txs);
  return ok({ ...blank(network, accounts), scripts, txs, reservations, frozen, tipHeight });
}

/** Until the chain is asked, it is known to be at least as high as the blocks that hold transactions of ours. */
function highestBlock(txs: ReadonlyMap<TxId, WalletTx>): BlockHeight {
  let highest = blockHeight(0);
  for (const { at } of txs.values()) if (at !== null && at.height > highest) highest = at.height;
  return highest;
}
