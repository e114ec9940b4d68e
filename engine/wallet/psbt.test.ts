import { base64 } from '@scure/base';
import { Transaction } from '@scure/btc-signer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sat, timestamp } from '../base/units.ts';
import { scriptOfAddress } from '../bitcoin/address.ts';
import { MAX_MONEY } from '../bitcoin/tx-parse.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import { RATE, value, WalletWorld } from '../testkit/wallet-world.ts';
import { balanceOf } from './balance.ts';
import { ledgerOf } from './ledger.ts';
import { completePsbt, createPsbt, exportPsbt, inspectPsbt, signPsbt } from './psbt.ts';
import { publishReserved, releaseReservation } from './reservations.ts';
import { send } from './send.ts';

const THEIR_ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const THEIRS = value(scriptOfAddress(THEIR_ADDRESS, 'regtest'));

const NOW = timestamp(1);
const REQUEST = { address: THEIR_ADDRESS, amount: sat(100_000), feerate: RATE } as const;

async function exported() {
  const world = new WalletWorld();
  await world.fund(50_000n, 60_000n);
  const before = world.state;
  const created = world.take(value(createPsbt(world.state, REQUEST, NOW)));
  const { tx } = world.state.reservations.get(created.txId)!;
  const spent = tx.inputs.map(({ outPoint }) => ledgerOf(world.state).ownOutput(outPoint)!);
  return { world, before, created, tx, spent, psbt: created.psbt };
}

describe('PSBT', () => {
  it('out and in: the same transaction as a send', async () => {
    const { world, before, created, psbt } = await exported();
    expect(balanceOf(world.state)).toMatchObject({ reserved: 110_000n, spendable: 0n });
    expect(inspectPsbt(world.state, psbt)).toMatchObject({
      ok: true,
      value: {
        spent: 110_000n,
        returned: created.change,
        fee: created.fee,
        payments: [{ amount: 100_000n, script: THEIRS }],
      },
    });
    const signed = value(signPsbt(world.state, world.keys, ` ${psbt}\n`));
    expect(signed.tx).toEqual(value(send(before, world.keys, REQUEST, NOW)).tx);
    world.take(value(publishReserved(world.state, created.txId, NOW, { complete: signed.tx! })));
    expect(balanceOf(world.state)).toMatchObject({ reserved: 0n, spendable: created.change });
    expect(signPsbt(world.state, world.keys, psbt).ok).toBe(false);
  });

  it('does not spend what is set aside for another', async () => {
    const { world, before, psbt } = await exported();
    world.state = before;
    world.take(value(createPsbt(world.state, { ...REQUEST, amount: sat(99_000) }, NOW)));
    expect(signPsbt(world.state, world.keys, psbt)).toMatchObject({ error: { code: 'invalid-argument' } });
  });

  it('names the keys and their paths, for other signers', async () => {
    const { world, psbt } = await exported();
    const other = Transaction.fromPSBT(base64.decode(psbt));
    const paths = [0, 1].map((i) => {
      const { bip32Derivation, tapBip32Derivation } = other.getInput(i);
      return bip32Derivation?.[0]?.[1] ?? tapBip32Derivation?.[0]?.[1].der;
    });
    expect(paths.map((path) => path?.fingerprint)).toEqual([
      world.keys.fingerprint(),
      world.keys.fingerprint(),
    ]);
    const purposes = paths.map((path) => (path?.path[0] ?? 0) - 0x8000_0000);
    expect(new Set(purposes)).toEqual(new Set([84, 86]));
  });

  it('with others: our part is signed, theirs is left', async () => {
    const { world, created, tx, spent } = await exported();
    world.take(releaseReservation(world.state, created.txId));
    const foreign = { txId: txIdOf(tx), index: 7 };
    const joint = {
      ...tx,
      inputs: [...tx.inputs, { ...tx.inputs[0]!, outPoint: foreign }],
      outputs: [...tx.outputs, { script: THEIRS, amount: sat(9_000) }],
    };
    const theirs = { output: { script: THEIRS, amount: sat(10_000) }, own: null };
    const text = exportPsbt(world.state, joint, [...spent, theirs]);
    const signed = value(signPsbt(world.state, world.keys, text));
    expect(signed.tx).toBeNull();
    const read = Transaction.fromPSBT(base64.decode(signed.psbt));
    expect([0, 1, 2].map((i) => read.getInput(i).finalScriptWitness !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('what it says of our coins is checked', async () => {
    const { world, tx, spent } = await exported();
    const lie = spent.map((item) => ({ ...item, output: { ...item.output, amount: sat(1) } }));
    expect(signPsbt(world.state, world.keys, exportPsbt(world.state, tx, lie))).toMatchObject({
      error: { code: 'invalid-argument', detail: 'it misstates one of our coins' },
    });
  });

  it.each(['outputs', 'coins of others'])(
    'more money than there is, in its %s, is refused',
    async (where) => {
      const { world, tx, spent } = await exported();
      const much = { script: THEIRS, amount: sat(MAX_MONEY) };
      const theirs = spent.map(() => ({ output: { ...much, amount: sat(2n ** 63n) }, own: null }));
      const elsewhere = tx.inputs.map((input, index) => ({
        ...input,
        outPoint: { txId: txIdOf(tx), index },
      }));
      const text =
        where === 'outputs'
          ? exportPsbt(world.state, { ...tx, outputs: [much, much] }, spent)
          : exportPsbt(world.state, { ...tx, inputs: elsewhere }, theirs);
      const refusal = { error: { code: 'invalid-argument', detail: 'it has more money than there is' } };
      expect(inspectPsbt(world.state, text)).toMatchObject(refusal);
      expect(signPsbt(world.state, world.keys, text)).toMatchObject(refusal);
      expect(completePsbt(world.state, text)).toMatchObject(refusal);
    },
  );

  it.each([0x02, 0x03, 0x81, 0x83])('sighash type %i is refused', async (sighashType) => {
    const { world, psbt } = await exported();
    const other = Transaction.fromPSBT(base64.decode(psbt));
    other.updateInput(0, { sighashType });
    expect(signPsbt(world.state, world.keys, base64.encode(other.toPSBT()))).toMatchObject({
      error: { code: 'invalid-argument' },
    });
  });

  it('one that spends nothing of ours is refused', async () => {
    const { world, tx, spent } = await exported();
    const stranger = new WalletWorld('11'.repeat(32));
    expect(inspectPsbt(stranger.state, exportPsbt(world.state, tx, spent))).toMatchObject({
      ok: true,
      value: { spent: 0n, returned: 0n },
    });
    expect(signPsbt(stranger.state, stranger.keys, exportPsbt(world.state, tx, spent))).toMatchObject({
      error: { code: 'invalid-argument', detail: 'it spends none of our coins' },
    });
  });

  it('nonsense is a refusal, never an exception', async () => {
    const { world, psbt } = await exported();
    const bytes = base64.decode(psbt);
    const refused = (text: string): boolean => {
      const inspected = inspectPsbt(world.state, text);
      const signed = signPsbt(world.state, world.keys, text);
      return !inspected.ok || signed.ok || signed.error.code === 'invalid-argument';
    };
    for (const text of ['', 'cHNidA==', 'a'.repeat(2_000_000), '🦔', base64.encode(bytes.subarray(0, 60))])
      expect(inspectPsbt(world.state, text)).toMatchObject({ error: { code: 'invalid-argument' } });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const mutated = bytes.slice();
        mutated[at] = (mutated[at] ?? 0) ^ flip;
        expect(refused(base64.encode(mutated))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
