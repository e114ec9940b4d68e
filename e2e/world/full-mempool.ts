import { txId } from '../../engine/base/ids.ts';
import { sat } from '../../engine/base/units.ts';
import { toHex } from '../../engine/base/bytes.ts';
import { serializeTx, type Tx } from '../../engine/bitcoin/tx.ts';
import type { Bitcoind } from './bitcoind.ts';

/** Of one transaction: below what is relayed, 100,000 virtual bytes. */
const OUTPUTS = 2_400;
const OUTPUT_SIZE = 31;
const AMOUNT = sat(1_000);
const MOST = 150;

type Unspent = { readonly txid: string; readonly vout: number; readonly amount: number };

/** Neither is of anybody: to the hash that is all of one byte. */
const script = (byte: number): Uint8Array => Uint8Array.of(0, 20, ...new Uint8Array(20).fill(byte));

/**
 * Fills the mempool of a bitcoind that was started with a small one, until it throws out what pays `satPerVb` and says
 * that less is not taken any more. @returns the least that it takes now, in satoshis a virtual byte
 */
export async function fillMempool(chain: Bitcoind, satPerVb: number): Promise<number> {
  const miner = chain.rpc.forWallet('miner');
  const least = async (): Promise<number> => {
    const { mempoolminfee } = await chain.rpc.call<{ mempoolminfee: number }>('getmempoolinfo');
    return mempoolminfee * 100_000;
  };
  try {
    const coins = (await miner.call<Unspent[]>('listunspent', 1)).filter(({ amount }) => amount > 1);
    for (const { txid, vout, amount } of coins.slice(0, MOST)) {
      if ((await least()) > satPerVb) break;
      const fee = BigInt(Math.ceil((OUTPUTS * OUTPUT_SIZE + 200) * satPerVb));
      const paid = { amount: AMOUNT, script: script(7) };
      const change = BigInt(Math.round(amount * 100_000_000)) - fee - AMOUNT * BigInt(OUTPUTS);
      const tx: Tx = {
        version: 2,
        inputs: [
          {
            outPoint: { txId: txId(txid), index: vout },
            sequence: 0xffff_fffd,
            scriptSig: new Uint8Array(),
            witness: [],
          },
        ],
        outputs: [...Array.from({ length: OUTPUTS }, () => paid), { amount: sat(change), script: script(8) }],
        lockTime: 0,
      };
      const { hex } = await miner.call<{ hex: string }>(
        'signrawtransactionwithwallet',
        toHex(serializeTx(tx)),
      );
      // The last of them may be the one that is thrown out.
      await chain.rpc.call('sendrawtransaction', hex, 0).catch(() => null);
    }
    return await least();
  } finally {
    miner.close();
  }
}
