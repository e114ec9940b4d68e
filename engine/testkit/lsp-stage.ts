import { ok } from '../base/result.ts';
import type { InvoiceDetails, LspServer, PaymentDetails } from '../node/api.ts';
import type { FeatureSettings } from '../wire/features.ts';
import { LspDouble } from './lsp-double.ts';
import { NodeWorld, type NodeSeat } from './node-world.ts';
import { value } from './wallet-world.ts';

export const AMOUNT = 50_000_000n;
/** Of `AMOUNT`, under the terms that the double offers. */
export const FEE = 2_000_000n;

/** A wallet that has nothing, and an LSP that is set in it. */
export class LspStage {
  readonly world = new NodeWorld();
  readonly wallet: NodeSeat = this.world.seat('wallet');
  readonly lsp: LspDouble;

  constructor(features?: FeatureSettings) {
    this.lsp = new LspDouble(this.world, 'lsp', features);
  }

  /** `features`: of the LSP. */
  static async start(change: Partial<LspServer> = {}, features?: FeatureSettings): Promise<LspStage> {
    const stage = new LspStage(features);
    const { world, wallet, lsp } = stage;
    const lsps = [lsp.server(change)];
    wallet.servers = () => Promise.resolve(ok({ esplora: [world.esplora.url], proxies: [], lsps }));
    await wallet.start();
    return stage;
  }

  /** An invoice for which the LSP is to open a channel. */
  async invoice(amountMsat: bigint | null = AMOUNT): Promise<InvoiceDetails> {
    const { world, wallet } = this;
    const { offers } = value(await world.ask(wallet.api.lsp.quote(amountMsat)));
    const quoteId = offers[0]?.quoteId ?? '';
    const request = { quoteId, description: 'first', maxFeeMsat: 10_000_000n };
    return value(await world.ask(wallet.api.lsp.receive(request)));
  }

  /** The channel, up to where it is used. */
  async open(capacitySat = 200_000n, announce = false): Promise<void> {
    await this.lsp.open(capacitySat, announce);
    await this.world.pass(2_000);
  }

  async payment(id: string): Promise<PaymentDetails> {
    return value(await this.world.ask(this.wallet.api.payment(id)));
  }

  /** All that the wallet has. */
  async total(): Promise<bigint> {
    return (await this.wallet.api.listBalances()).totalMsat;
  }

  /** What the LSP was told last about its HTLCs. */
  get outcome(): string | null {
    return this.lsp.results.at(-1)?.tag ?? null;
  }
}
