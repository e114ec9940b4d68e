import { createHash } from 'node:crypto';
import { NETWORK, p2wpkh, Transaction, WIF } from '@scure/btc-signer';
import { pubECDSA } from '@scure/btc-signer/utils.js';
import { bitcoinOf, RpcError, satOf, type Rpc } from '../rpc.ts';
import { hash32, hex, ldk, pin } from './library.ts';

const REGTEST = { ...NETWORK, bech32: 'bcrt', pubKeyHash: 0x6f, scriptHash: 0xc4, wif: 0xef };
/** Spending one: outpoint, sequence and lengths count elsewhere; a signature, a key and two lengths, as weight. */
const SATISFACTION_WEIGHT = 109n;

type Coin = { txid: string; vout: number; amount: number; confirmations: number };

/**
 * A peer's on-chain money: one key of its own, watched and spent through a wallet of bitcoind's that knows the key.
 * LDK asks for coins and signatures synchronously, so the coins are read beforehand and signed for here.
 */
export class OnchainWallet {
  readonly address: string;
  readonly script: Uint8Array;
  readonly #key: Uint8Array;
  readonly #rpc: Rpc;
  #coins: readonly Coin[] = [];

  private constructor(rpc: Rpc, key: Uint8Array) {
    this.#rpc = rpc;
    this.#key = key;
    const payment = p2wpkh(pubECDSA(key), REGTEST);
    this.address = payment.address ?? '';
    this.script = payment.script;
  }

  static async open(node: Rpc, seed: Uint8Array): Promise<OnchainWallet> {
    const key = new Uint8Array(createHash('sha256').update('on-chain wallet').update(seed).digest());
    const name = `ldk-${hex(key.subarray(0, 4))}`;
    const rpc = node.forWallet(name);
    const wallet = new OnchainWallet(rpc, key);
    await loadOrCreate(node, rpc, name, key);
    await wallet.releaseAll();
    return wallet;
  }

  /** A signed transaction that pays the script, hex. Its coins are set aside. */
  async fundingTransaction(script: Uint8Array, amountSat: bigint): Promise<string> {
    const { address, segwit } = await this.#rpc.call<{ address?: string; segwit?: { address: string } }>(
      'decodescript',
      hex(script),
    );
    const to = address ?? segwit?.address ?? '';
    const bare = await this.#rpc.call<string>('createrawtransaction', [], [{ [to]: bitcoinOf(amountSat) }]);
    const funded = await this.#rpc.call<{ hex: string }>('fundrawtransaction', bare, {
      fee_rate: 2,
      lockUnspents: true,
      changeAddress: this.address,
    });
    const signed = await this.#rpc.call<{ hex: string; complete: boolean }>(
      'signrawtransactionwithwallet',
      funded.hex,
    );
    if (!signed.complete) throw new Error('the funding transaction could not be signed');
    return signed.hex;
  }

  /**
   * Coins set aside for what was never broadcast can be spent again: bitcoind remembers them over the end of this
   * process, LDK forgets a channel that was not funded yet.
   */
  async releaseAll(): Promise<void> {
    await this.#rpc.call('lockunspent', true);
  }

  /** The coins of a transaction that will never leave, hex. */
  async release(transaction: string): Promise<void> {
    const tx = Transaction.fromRaw(Buffer.from(transaction, 'hex'), { allowUnknownOutputs: true });
    const spent = new Set<string>();
    for (let i = 0; i < tx.inputsLength; i++) {
      const { txid, index } = tx.getInput(i);
      spent.add(`${hex(txid ?? new Uint8Array())}:${index}`);
    }
    // bitcoind refuses to unlock what is not locked.
    const locked = await this.#rpc.call<{ txid: string; vout: number }[]>('listlockunspent');
    const coins = locked.filter(({ txid, vout }) => spent.has(`${txid}:${vout}`));
    if (coins.length > 0) await this.#rpc.call('lockunspent', true, coins);
  }

  async balanceSat(): Promise<bigint> {
    const coins = await this.#rpc.call<Coin[]>('listunspent', 0);
    return coins.reduce((sum, coin) => sum + satOf(coin.amount), 0n);
  }

  /** Reads the coins that LDK may use until the next call. */
  async refresh(): Promise<void> {
    this.#coins = await this.#rpc.call<Coin[]>('listunspent', 1);
  }

  /** Pays the fees of LDK's commitment and HTLC transactions with anchors. */
  bumpHandler(
    broadcaster: ldk.BroadcasterInterface,
    signers: ldk.SignerProvider,
    logger: ldk.Logger,
  ): ldk.BumpTransactionEventHandler {
    const source = pin(
      ldk.WalletSource.new_impl({
        list_confirmed_utxos: () =>
          ldk.Result_CVec_UtxoZNoneZ.constructor_ok(this.#coins.map((coin) => this.#utxo(coin))),
        get_change_script: () => ldk.Result_CVec_u8ZNoneZ.constructor_ok(this.script),
        sign_psbt: (psbt) => ldk.Result_TransactionNoneZ.constructor_ok(this.#sign(psbt)),
      }),
    );
    const selection = pin(pin(ldk.Wallet.constructor_new(source, logger)).as_CoinSelectionSource());
    return pin(ldk.BumpTransactionEventHandler.constructor_new(broadcaster, selection, signers, logger));
  }

  #utxo(coin: Coin): ldk.Utxo {
    return ldk.Utxo.constructor_new(
      ldk.OutPoint.constructor_new(hash32(coin.txid), coin.vout),
      ldk.TxOut.constructor_new(satOf(coin.amount), this.script),
      SATISFACTION_WEIGHT,
    );
  }

  /** Our inputs signed; LDK signs its own. */
  #sign(psbt: Uint8Array): Uint8Array {
    const tx = Transaction.fromPSBT(psbt, { allowUnknownOutputs: true, allowUnknownInputs: true });
    for (let i = 0; i < tx.inputsLength; i++) {
      const script = tx.getInput(i).witnessUtxo?.script;
      if (script === undefined || hex(script) !== hex(this.script)) continue;
      tx.signIdx(this.#key, i);
      tx.finalizeIdx(i);
    }
    return tx.toBytes(true, true);
  }
}

/** @param transaction hex */
export const transactionId = (transaction: string): string =>
  Transaction.fromRaw(Buffer.from(transaction, 'hex'), { allowUnknownOutputs: true }).id;

async function loadOrCreate(node: Rpc, rpc: Rpc, name: string, key: Uint8Array): Promise<void> {
  if ((await node.call<string[]>('listwallets')).includes(name)) return;
  const { wallets } = await node.call<{ wallets: { name: string }[] }>('listwalletdir');
  if (wallets.some((wallet) => wallet.name === name)) {
    try {
      await node.call('loadwallet', name);
    } catch (error) {
      // -35: somebody loaded it in between.
      if (!(error instanceof RpcError) || error.code !== -35) throw error;
    }
    return;
  }
  // Blank: only our own key.
  await node.call('createwallet', name, false, true);
  const wif = WIF(REGTEST).encode(key);
  const { checksum } = await node.call<{ checksum: string }>('getdescriptorinfo', `wpkh(${wif})`);
  const [imported] = await rpc.call<{ success: boolean; error?: { message: string } }[]>(
    'importdescriptors',
    [{ desc: `wpkh(${wif})#${checksum}`, timestamp: 'now' }],
  );
  if (imported?.success !== true) throw new Error(`the key was refused: ${imported?.error?.message}`);
}
