import { setImmediate as turn } from 'node:timers/promises';
import type { Rpc } from '../rpc.ts';
import type { PeerEvent } from '../real-peer.ts';

type Told = Extract<PeerEvent, { type: 'broadcast' }>;

/** Hands transactions to bitcoind one after another: LDK must not wait for it, and packages go as packages. */
export class Broadcaster {
  readonly #rpc: Rpc;
  readonly #tell: (event: Told) => void;
  readonly #queue: (readonly string[])[] = [];
  #running: Promise<void> | null = null;

  constructor(rpc: Rpc, tell: (event: Told) => void) {
    this.#rpc = rpc;
    this.#tell = tell;
  }

  /** Transactions as hex; several make a package, parents first. */
  push(transactions: readonly string[]): void {
    this.#queue.push(transactions);
    this.#running ??= this.#run();
  }

  /** Resolves when everything pushed so far was offered. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // What LDK does in the same turn is saved before anything leaves.
    await turn();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#tell(await this.#offer(next));
    }
    this.#running = null;
  }

  async #offer(transactions: readonly string[]): Promise<Told> {
    let txIds: string[] = [];
    try {
      txIds = await Promise.all(transactions.map((hex) => this.#idOf(hex)));
      const error =
        transactions.length > 1 ? await this.#package(transactions) : await this.#single(transactions);
      return { type: 'broadcast', txIds, hex: transactions, error };
    } catch (error) {
      return {
        type: 'broadcast',
        txIds,
        hex: transactions,
        error: error instanceof Error ? error.message : String(error),
      };
    }
  }

  async #idOf(hex: string): Promise<string> {
    const { txid } = await this.#rpc.call<{ txid: string }>('decoderawtransaction', hex);
    return txid;
  }

  async #single([hex]: readonly string[]): Promise<null> {
    await this.#rpc.call('sendrawtransaction', hex, 0);
    return null;
  }

  async #package(transactions: readonly string[]): Promise<string | null> {
    const answer = await this.#rpc.call<{
      package_msg: string;
      'tx-results': Record<string, { error?: string }>;
    }>('submitpackage', transactions);
    if (answer.package_msg === 'success') return null;
    const reasons = Object.values(answer['tx-results']).flatMap(({ error }) => error ?? []);
    return [answer.package_msg, ...reasons].join('; ');
  }
}
