import type { NodeEvent } from '../../engine/node/api.ts';
import { app } from '../i18n/en.ts';
import { msat, phraseSpoken, sat, type Phrase } from '../i18n/phrase.ts';
import type { Badge } from './badge.ts';
import { links } from './routes.ts';
import type { Wallet } from './wallet.svelte.ts';

export type Notice = {
  readonly id: number;
  readonly text: Phrase;
  readonly href: string | null;
  /** Of `performance.now()`. */
  readonly since: number;
};

const SHOWN_MS = 8000;
/** Long enough to be read. */
const SEEN_MS = 2000;
const AT_ONCE = 3;

function noticeOf(event: NodeEvent, isMove = false): Pick<Notice, 'text' | 'href'> | null {
  const { notices } = app;
  switch (event.tag) {
    case 'payment-received':
      if (isMove) return null;
      return { text: [`${notices.received} `, msat(event.amountMsat)], href: links.payment(event.paymentId) };
    case 'payment-sent':
      return {
        text: [`${isMove ? notices.moved : notices.sent} `, msat(event.amountMsat)],
        href: links.payment(event.paymentId),
      };
    case 'payment-failed':
      return {
        text: [event.failure.code === 'outcome-unknown' ? notices.outcomeUnknown : notices.failed],
        href: links.payment(event.paymentId),
      };
    case 'channel-pending':
      return { text: [notices.channelPending], href: links.channel(event.channelId) };
    case 'channel-ready':
      return { text: [notices.channelReady], href: links.channel(event.channelId) };
    case 'channel-closed':
      return { text: [notices.channelClosed], href: links.channel(event.channelId) };
    case 'channel-void':
      return { text: [notices.channelVoid], href: links.channel(event.channelId) };
    case 'onchain-received':
      return {
        text: event.confirmed
          ? [`${notices.onchainConfirmed}: `, sat(event.amountSat)]
          : [`${notices.onchainReceived}: `, sat(event.amountSat)],
        href: links.payment(event.txId),
      };
    // A claimable payment settles by itself and has an event for its end; an alarm stays on the page while it holds.
    case 'payment-claimable':
    case 'alarm':
    default:
      return null;
  }
}

/** What happened while nobody looked. Events are acknowledged only once a visible page has shown them. */
export class Notices {
  shown: readonly Notice[] = $state.raw([]);
  /** What a screen reader says next. */
  spoken: string = $state.raw('');
  #wallet: Wallet;
  #badge: Badge;
  #draining = false;
  #next = 0;
  /** Payments and channels whose end the screen in front tells itself. */
  #told = new Set<string>();

  constructor(wallet: Wallet, badge: Badge) {
    this.#wallet = wallet;
    this.#badge = badge;
    wallet.onSnapshot(() => void this.drain());
    document.addEventListener('visibilitychange', () => void this.drain());
  }

  say(text: string): void {
    this.spoken = text;
  }

  /** The caller shows how this payment or channel fares, or all events of this tag; returns what gives it back. */
  tells(id: string): () => void {
    this.#told.add(id);
    return () => this.#told.delete(id);
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }

  /** What was in front long enough to be read. */
  dismissSeen(): void {
    const now = performance.now();
    this.shown = this.shown.filter(({ since }) => now - since < SEEN_MS);
  }

  async drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    try {
      if (document.visibilityState !== 'visible') return await this.#hint();
      for (let queued = await this.#wallet.node.nextEvent(); queued !== null;) {
        this.#show(queued.event, await this.#isMove(queued.event));
        const handled = await this.#wallet.node.eventHandled(queued.cursor);
        if (!handled.ok) break;
        queued = await this.#wallet.node.nextEvent();
      }
    } catch {
      return; // the worker is gone: whoever asks it next says so
    } finally {
      this.#draining = false;
    }
  }

  /** The icon says it where the page is not seen; the event itself waits until it is. */
  async #hint(): Promise<void> {
    const queued = await this.#wallet.node.nextEvent();
    if (queued !== null && noticeOf(queued.event) !== null) this.#badge.news();
  }

  /** Money that went from a channel of ours to another: of its two payments, the one that goes out is told of. */
  async #isMove(event: NodeEvent): Promise<boolean> {
    if (event.tag !== 'payment-received' && event.tag !== 'payment-sent') return false;
    const payment = await this.#wallet.node.payment(event.paymentId);
    return payment.ok && payment.value.toSelf;
  }

  #show(event: NodeEvent, isMove: boolean): void {
    const notice = noticeOf(event, isMove);
    if (notice === null) return;
    const about = 'paymentId' in event ? event.paymentId : 'channelId' in event ? event.channelId : event.tag;
    if (this.#told.has(about) || this.#told.has(event.tag)) return;
    const id = this.#next++;
    // Newer news of the same takes its place.
    const others = this.shown.filter(({ href }) => href === null || href !== notice.href);
    this.shown = [...others, { ...notice, id, since: performance.now() }].slice(-AT_ONCE);
    this.say(phraseSpoken(notice.text, 'sat'));
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }
}
