import type { InvoiceDetails, LspConduct, LspQuote, PaymentDetails } from '../../engine/node/api.ts';
import type { Refusal } from '../../engine/node/refusal.ts';
import { nowSeconds } from '../format/time.ts';
import { paymentQr, paymentUri } from '../format/payment-uri.ts';
import { Draft } from './draft.svelte.ts';
import { LONGEST_LABEL } from './label.ts';
import type { Wallet } from './wallet.svelte.ts';

const ASKED = { amountSat: '', note: '', expiry: '3600' };
const MADE = {
  address: '',
  invoice: '',
  paymentId: '',
  amountSat: '',
  note: '',
  expiresAt: 0,
  madeAt: 0,
  /** Of an LSP that opens a channel for it, in msat; '' for none. */
  feeMsat: '',
  /** Whose channel it is; '' for nobody's. */
  lsp: '',
  lspId: '',
};
const NOBODYS = { lsp: '', lspId: '' };
/** For as long it is waited for what the engine says of an LSP. */
const JUDGED_SECONDS = 3;
/** So many looks in a row at an LSP that is not connected: what is back at once is not spoken of. */
const AWAY_LOOKS = 5;
const WAY = { onchain: false };

export type RequestState =
  | { readonly tag: 'waiting' }
  | { readonly tag: 'arriving' }
  /** `seen`: in coins, of which some are in no block yet. `payment`: the newest of those that bring it. */
  | {
      readonly tag: 'received' | 'seen';
      readonly payment: PaymentDetails;
      readonly amountMsat: bigint | null;
    }
  | { readonly tag: 'expired' };

const isIncomingOnchain = ({ kind, direction }: PaymentDetails): boolean =>
  kind === 'onchain' && direction === 'incoming';

const satOf = (text: string): bigint | null => (/^\d{1,16}$/.test(text) ? BigInt(text) : null);

/**
 * One request for money: an address always, an invoice where channels can receive. It outlives a reload and leaving
 * the screen, so that looking again does not use up another address.
 */
export class ReceiveRequest {
  readonly asked = new Draft('receive-asked', ASKED);
  readonly #made = new Draft('receive-made', MADE);
  /** Chosen where an LSP could open a channel. */
  readonly way = new Draft('receive-way', WAY);
  making = $state.raw(false);
  /** Of the settings. Null until they are known. */
  #lspIds: readonly string[] | null = $state.raw(null);
  refusal: Refusal | null = $state.raw(null);
  /** What the LSP did that was not agreed. */
  conduct: LspConduct | null = $state.raw(null);
  #wallet: Wallet;
  #now = $state.raw(nowSeconds());
  readonly #openedAt = nowSeconds();
  #turn = 0;
  /** Until then, a request from before may have been answered already: then another takes its place. */
  #hasLooked = $state.raw(false);

  /** How often the LSP was found away, one after the other. */
  #away = $state.raw(0);
  /** The person does not wait for who is away. */
  #insists = $state.raw(false);

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  tick(): void {
    this.#now = nowSeconds();
    const { lspId } = this.#made.value;
    const peer = this.#wallet.peers?.find(({ nodeId }) => nodeId === lspId);
    this.#away = peer === undefined || peer.state === 'connected' ? 0 : this.#away + 1;
    // A page that has just begun has not reached its channels yet.
    const isOpen = this.state.tag === 'waiting' && !this.making && this.refusal === null;
    if (this.#isBehind && isOpen) void this.prepare();
    void this.#watch();
  }

  async #watch(): Promise<void> {
    const { paymentId } = this;
    if (paymentId === null || this.lsp === null) return;
    const answer = await this.#wallet.ask(() => this.#wallet.node.lsp.conduct(paymentId));
    if (answer.ok && paymentId === this.paymentId) this.conduct = answer.value;
  }

  get ready(): boolean {
    return this.#made.value.address !== '';
  }
  get address(): string {
    return this.#made.value.address;
  }
  get invoice(): string | null {
    return this.#made.value.invoice === '' ? null : this.#made.value.invoice;
  }
  get paymentId(): string | null {
    return this.#made.value.paymentId === '' ? null : this.#made.value.paymentId;
  }
  get amountSat(): bigint | null {
    return satOf(this.#made.value.amountSat);
  }
  get note(): string {
    return this.#made.value.note;
  }
  get secondsLeft(): number | null {
    return this.invoice === null ? null : Math.max(0, this.#made.value.expiresAt - this.#now);
  }
  get receivableMsat(): bigint {
    return this.#wallet.balances?.lightning.receivableMsat ?? 0n;
  }
  /** What may still come before the recovery words are saved; null: as much as one likes. */
  get leftMsat(): bigint | null {
    return this.#wallet.balances?.unsaved?.leftMsat ?? null;
  }
  /** Null until the channels are known. */
  get hasChannels(): boolean | null {
    return this.#wallet.channels?.some(({ state }) => state !== 'closed') ?? null;
  }
  /** What an LSP keeps of what is asked for; null where none is needed. */
  get feeMsat(): bigint | null {
    const { feeMsat } = this.#made.value;
    return feeMsat === '' ? null : BigInt(feeMsat);
  }
  /** The LSP that is to open a channel for it; null where none is needed. */
  get lsp(): string | null {
    return this.#made.value.lsp === '' ? null : this.#made.value.lsp;
  }
  /** What the LSP did, or that it is gone. Null: it may open the channel at any moment. */
  get trouble(): LspConduct | 'away' | null {
    if (this.conduct !== null) return this.conduct;
    return this.lsp !== null && this.#away >= AWAY_LOOKS && this.state.tag === 'waiting' ? 'away' : null;
  }
  /** An LSP is set besides the one that it was bought of. */
  get hasAnother(): boolean {
    return this.#lspIds?.some((nodeId) => nodeId !== this.#made.value.lspId) === true;
  }
  /** Channels can receive it now; null: whatever the payer chooses. */
  fits(sat: bigint | null): boolean {
    return this.receivableMsat > 0n && (sat ?? 0n) * 1000n <= this.receivableMsat;
  }
  /** It was made when channels could not receive what they can now. */
  get #isBehind(): boolean {
    return this.ready && this.invoice === null && this.fits(this.amountSat);
  }
  /** An LSP is set that could open the channel which is lacking. */
  get canBuy(): boolean {
    // Also while another amount is typed, which is not asked for yet.
    const lacks = !this.fits(this.amountSat) || !this.fits(satOf(this.asked.value.amountSat));
    return this.#hasLsps && lacks && (!this.isAway || this.#insists) && this.invoice === null;
  }
  /** A channel that is only away for the moment will have its room again: another one need not be paid for. */
  get isAway(): boolean {
    return (
      this.#wallet.channels?.some(({ state }) => state === 'offline' || state === 'reconnecting') === true
    );
  }
  /** What is away may stay away: an LSP is set that could open another channel. */
  get mayInsist(): boolean {
    return this.#hasLsps && this.isAway && !this.#insists && this.invoice === null;
  }
  insist(): void {
    this.#insists = true;
  }
  /** Nobody is set who could open one. */
  get lacksLsp(): boolean {
    return this.#lspIds?.length === 0;
  }
  get #hasLsps(): boolean {
    return this.#lspIds !== null && !this.lacksLsp;
  }
  get uri(): string {
    return paymentUri(this.#parts);
  }
  get qr(): string {
    return paymentQr(this.#parts);
  }
  get #parts() {
    return { address: this.address, invoice: this.invoice, amountSat: this.amountSat, note: this.note };
  }

  /** What became of an LSP's channel is known, or does not come: what is said of it does not move what is read already. */
  get #isJudged(): boolean {
    const since = Math.max(this.#openedAt, this.#made.value.expiresAt);
    return this.lsp === null || this.conduct !== null || this.#now - since > JUDGED_SECONDS;
  }

  get #payments(): readonly PaymentDetails[] {
    return this.#wallet.payments?.payments ?? [];
  }

  /** What came to the address of this request. What comes to another is somebody else's answer. */
  get #coins(): {
    readonly payment: PaymentDetails | null;
    readonly cameSat: bigint;
    readonly minedSat: bigint;
  } {
    let [payment, cameSat, minedSat]: [PaymentDetails | null, bigint, bigint] = [null, 0n, 0n];
    for (const one of this.#payments)
      for (const { address, amountSat } of isIncomingOnchain(one) ? one.cameTo : []) {
        if (address !== this.address) continue;
        payment ??= one;
        cameSat += amountSat;
        if (one.state === 'succeeded') minedSat += amountSat;
      }
    return { payment, cameSat, minedSat };
  }

  /** Coins came, and are not as much as was asked for. */
  get part(): { readonly cameSat: bigint; readonly missingSat: bigint } | null {
    const { cameSat } = this.#coins;
    const askedSat = this.amountSat ?? 0n;
    return cameSat === 0n || cameSat >= askedSat ? null : { cameSat, missingSat: askedSat - cameSat };
  }

  get state(): RequestState {
    const payments = this.#payments;
    const paid = payments.find(({ id }) => id === this.paymentId);
    if (paid?.state === 'succeeded') return { tag: 'received', payment: paid, amountMsat: paid.amountMsat };
    if (!this.#hasLooked) return { tag: 'waiting' };
    const { payment, cameSat, minedSat } = this.#coins;
    const enoughSat = this.amountSat ?? cameSat;
    if (payment !== null && cameSat >= enoughSat) {
      const isMined = minedSat >= enoughSat;
      return {
        tag: isMined ? 'received' : 'seen',
        payment,
        amountMsat: (isMined ? minedSat : cameSat) * 1000n,
      };
    }
    if (paid?.state === 'claimable') return { tag: 'arriving' };
    if (this.invoice !== null && this.secondsLeft === 0 && this.#isJudged) return { tag: 'expired' };
    return { tag: 'waiting' };
  }

  /** Makes what was asked for, or keeps the request that stands. */
  async prepare(afresh = false): Promise<void> {
    this.#lspIds = (await this.#wallet.service.servers()).lsps.map(({ nodeId }) => nodeId);
    this.#hasLooked = true;
    const { tag } = this.state;
    const stands = tag === 'waiting' || tag === 'arriving';
    if (this.ready && !afresh && stands && !this.#isBehind) return;
    // An address that was paid is not given out again, but for the rest of what it was given out for.
    const used = this.#coins.payment !== null && (afresh || !stands);
    // It was paid: what it asked for is not asked for again by itself.
    if (this.ready && !afresh && (tag === 'received' || tag === 'seen')) this.asked.clear();
    const turn = ++this.#turn;
    const { amountSat, note, expiry } = this.asked.value;
    const sat = satOf(amountSat);
    this.making = true;
    this.refusal = null;
    const made = await this.#make(sat, note, Number(expiry), used ? null : this.address);
    if (turn !== this.#turn) return;
    this.making = false;
    if ('refusal' in made) this.refusal = made.refusal;
    else this.#made.set({ ...made, amountSat, note, madeAt: nowSeconds(), feeMsat: '', ...NOBODYS });
  }

  /** An LSP will open a channel for what is asked for. */
  bought({ invoice, paymentId, expiresAt, amountMsat }: InvoiceDetails, { feeMsat, lsp }: LspQuote): void {
    const { note } = this.asked.value;
    const amountSat = amountMsat === null ? '' : (amountMsat / 1000n).toString();
    const fee = feeMsat?.toString() ?? '';
    const made = {
      invoice,
      paymentId,
      expiresAt,
      amountSat,
      note,
      feeMsat: fee,
      lsp: lsp.alias,
      lspId: lsp.nodeId,
    };
    this.#away = 0;
    this.#made.set({ ...made, madeAt: nowSeconds() });
  }

  /** The same is asked for, by whoever makes it possible now. */
  async replace(): Promise<void> {
    this.conduct = null;
    this.#away = 0;
    this.#insists = true;
    this.way.clear();
    this.#made.set({ invoice: '', paymentId: '', feeMsat: '', ...NOBODYS });
    if (!this.canBuy) await this.prepare(true);
  }

  async #make(sat: bigint | null, note: string, expirySeconds: number, address: string | null) {
    const { node, balances } = this.#wallet;
    // An amount beside an address is asked for by this page alone.
    const unsaved = balances?.unsaved;
    if (sat !== null && unsaved !== undefined && sat * 1000n > unsaved.leftMsat) {
      const refusal: Refusal = { code: 'words-not-saved', limitMsat: unsaved.limitMsat };
      return { refusal };
    }
    const to = address !== null && address !== '' ? address : null;
    // Also for coins: whoever looks at them later finds what they were for.
    const label = note.slice(0, LONGEST_LABEL);
    const fresh = to === null ? await this.#wallet.ask(() => node.newAddress(label)) : null;
    if (fresh?.ok === false) return { refusal: fresh.error };
    if (to !== null && note !== this.note) {
      const noted = await this.#wallet.ask(() => node.labelAddress(to, label));
      if (!noted.ok) return { refusal: noted.error };
    }
    const none = { address: to ?? fresh?.value.address ?? '', invoice: '', paymentId: '', expiresAt: 0 };
    if (!this.fits(sat)) return none;
    const asked = { description: note, expirySeconds };
    const invoice = await this.#wallet.ask(() =>
      sat === null
        ? node.bolt11.receiveVariableAmount(asked)
        : node.bolt11.receive({ ...asked, amountMsat: sat * 1000n }),
    );
    if (!invoice.ok) return { refusal: invoice.error };
    const { value } = invoice;
    return { ...none, invoice: value.invoice, paymentId: value.paymentId, expiresAt: value.expiresAt };
  }

  /** The next request starts empty. */
  reset(): void {
    this.conduct = null;
    this.asked.clear();
    this.#made.clear();
    this.way.clear();
  }
}
