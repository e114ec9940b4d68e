import { bitcoinOf, RpcError, satOf, type Rpc } from '../rpc.ts';

const REFUND_SAT_PER_VB = 2;

/** Where an LSP is paid on chain: a wallet of bitcoind's own, an address for each order. */
export class Till {
  readonly #rpc: Rpc;

  private constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  static async open(node: Rpc, name: string): Promise<Till> {
    if (!(await node.call<string[]>('listwallets')).includes(name)) {
      const { wallets } = await node.call<{ wallets: { name: string }[] }>('listwalletdir');
      const make = wallets.some((wallet) => wallet.name === name) ? 'loadwallet' : 'createwallet';
      try {
        await node.call(make, name);
      } catch (error) {
        // -35: somebody loaded it in between.
        if (!(error instanceof RpcError) || error.code !== -35) throw error;
      }
    }
    return new Till(node.forWallet(name));
  }

  address(): Promise<string> {
    return this.#rpc.call<string>('getnewaddress', '', 'bech32');
  }

  async receivedSat(address: string, confirmations: number): Promise<bigint> {
    return satOf(await this.#rpc.call<number>('getreceivedbyaddress', address, confirmations));
  }

  /** Less the fee of that transaction. @returns its id */
  refund(address: string, amountSat: bigint): Promise<string> {
    const options = ['', '', true, true, null, 'unset', null, REFUND_SAT_PER_VB];
    return this.#rpc.call<string>('sendtoaddress', address, bitcoinOf(amountSat), ...options);
  }
}
