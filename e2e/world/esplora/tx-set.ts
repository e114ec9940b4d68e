import { outpointKey, type TxRecord } from './records.ts';

export type Spender = { readonly txid: string; readonly vin: number };

/** Transactions, found by id, by what they spend and by the scripts they touch, in the order in which they came. */
export class TxSet {
  readonly #byId = new Map<string, TxRecord>();
  readonly #spenders = new Map<string, Spender>();
  readonly #byScript = new Map<string, TxRecord[]>();

  get(txid: string): TxRecord | undefined {
    return this.#byId.get(txid);
  }

  has(txid: string): boolean {
    return this.#byId.has(txid);
  }

  all(): TxRecord[] {
    return [...this.#byId.values()];
  }

  spenderOf(txid: string, vout: number): Spender | undefined {
    return this.#spenders.get(outpointKey(txid, vout));
  }

  /** Everything that pays to the script or spends from it, oldest first. */
  touching(scriptHash: string): readonly TxRecord[] {
    return this.#byScript.get(scriptHash) ?? [];
  }

  add(tx: TxRecord): void {
    if (this.#byId.has(tx.txid)) return;
    this.#byId.set(tx.txid, tx);
    for (const [vin, input] of tx.inputs.entries()) {
      if (!input.isCoinbase) this.#spenders.set(outpointKey(input.txid, input.vout), { txid: tx.txid, vin });
    }
    for (const scriptHash of scriptsOf(tx)) {
      const history = this.#byScript.get(scriptHash);
      if (history === undefined) this.#byScript.set(scriptHash, [tx]);
      else history.push(tx);
    }
  }

  remove(txid: string): void {
    const tx = this.#byId.get(txid);
    if (tx === undefined) return;
    this.#byId.delete(txid);
    for (const input of tx.inputs) {
      const key = outpointKey(input.txid, input.vout);
      // Its replacement may have come first.
      if (this.#spenders.get(key)?.txid === txid) this.#spenders.delete(key);
    }
    for (const scriptHash of scriptsOf(tx)) {
      const history = this.#byScript.get(scriptHash)?.filter((other) => other.txid !== txid) ?? [];
      if (history.length === 0) this.#byScript.delete(scriptHash);
      else this.#byScript.set(scriptHash, history);
    }
  }
}

function scriptsOf(tx: TxRecord): Set<string> {
  const scripts = new Set(tx.outputs.map((output) => output.scriptHash));
  for (const { prevout } of tx.inputs) if (prevout !== null) scripts.add(prevout.scriptHash);
  return scripts;
}
