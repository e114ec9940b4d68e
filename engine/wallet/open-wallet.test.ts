import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { timestamp } from '../base/units.ts';
import { MAX_MONEY } from '../bitcoin/tx-parse.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { encode } from '../codec/field.ts';
import { paying } from '../testkit/fake-chain.ts';
import { value } from '../testkit/wallet-world.ts';
import { balanceOf } from './balance.ts';
import { WALLET_V1 } from './fixtures/wallet-v1.ts';
import { listTransactions } from './history.ts';
import { loadWallet } from './open-wallet.ts';
import { accountsRecord, frozenRecord, reservationRecord, scriptRecord, txRecord } from './wallet-record.ts';

const stored = (): Map<string, Uint8Array> => new Map(WALLET_V1.map(([key, hex]) => [key, fromHex(hex)]));

describe('a wallet on disk', () => {
  it('of version 1 is read', () => {
    const wallet = loadWallet(stored(), 'regtest');
    if (!wallet.ok || wallet.value === null) throw new Error('not read');
    expect(balanceOf(wallet.value)).toMatchObject({
      confirmed: 70_000n,
      trustedPending: 28_878n,
      reserved: 60_000n,
      frozen: 70_000n,
    });
    const rows = listTransactions(wallet.value).map(({ direction, status, label, amount }) => [
      direction,
      status,
      label,
      amount,
    ]);
    expect(rows).toEqual([
      ['outgoing', 'pending', 'tea, 茶', 20_000n],
      ['outgoing', 'replaced', 'tea, 茶', 20_000n],
      ['incoming', 'confirmed', 'first', 70_000n],
      ['incoming', 'confirmed', '', 60_000n],
      ['incoming', 'confirmed', '', 50_000n],
    ]);
    expect([...wallet.value.reservations.values()]).toMatchObject([
      { purpose: 'funding', createdAt: 1_750_000_003 },
    ]);
  });

  it('is written today as it was then', () => {
    const wallet = loadWallet(stored(), 'regtest');
    if (!wallet.ok || wallet.value === null) throw new Error('not read');
    const { accounts, scripts, txs, reservations, frozen } = wallet.value;
    const written = new Set([
      encode(accountsRecord, accounts),
      ...[...scripts.values()].map((script) => encode(scriptRecord, script)),
      ...[...txs.values()].map((tx) => encode(txRecord, tx)),
      ...[...reservations.values()].map((reservation) => encode(reservationRecord, reservation)),
      ...[...frozen.values()].map((outPoint) => encode(frozenRecord, { outPoint })),
    ]);
    expect(new Set([...written].map(toHex))).toEqual(new Set(WALLET_V1.map(([, hex]) => hex)));
  });

  it('that took in more money than there is, from a server that made it up, is read: what is left out is no wallet', () => {
    const script = [...value(loadWallet(stored(), 'regtest'))!.scripts.values()][0]!.script;
    const tx = paying([script, MAX_MONEY], [script, MAX_MONEY]);
    const row = { at: null, firstSeen: timestamp(1), purpose: null, fee: null, label: '', replacedBy: null };
    const disk = stored().set(`tx/${txIdOf(tx)}`, encode(txRecord, { ...row, tx, sendsAll: false }));
    const loaded = value(loadWallet(disk, 'regtest'))!;
    expect(loaded.txs.get(txIdOf(tx))?.tx).toEqual(tx);
    expect(balanceOf(loaded)).toMatchObject({ confirmed: 70_000n, untrustedPending: 2n * MAX_MONEY });
    expect(listTransactions(loaded)).toHaveLength(6);
  });

  it.each(WALLET_V1)('%s: cut short, or of a newer version, is an error that names it', (key, hex) => {
    const bytes = fromHex(hex);
    for (const bad of [bytes.subarray(0, -1), Uint8Array.of(2, ...bytes.subarray(1)), new Uint8Array(0)]) {
      const wallet = loadWallet(stored().set(key, bad), 'regtest');
      expect(wallet).toMatchObject({ ok: false, error: { key } });
    }
  });
});
