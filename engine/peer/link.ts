import type { NodeId, Point } from '../base/ids.ts';
import type { Cancel, Clock, Socket, SocketHandlers } from '../base/ports.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import type { CloseReason } from './close-reason.ts';
import { PeerSession, type PeerEvent, type SessionConfig, type SessionOutput } from './session.ts';

/** Past this many bytes that the network does not take, the peer is not reading. */
const MAX_BUFFERED = 4 << 20;

/**
 * A socket and the session on it: moves bytes from one to the other and calls the session's ticks. After `closed`
 * nothing is reported any more.
 */
export class Link {
  /** We dialled it. */
  readonly outgoing: boolean;
  /** Monotonic milliseconds. */
  establishedAt: number | null = null;
  readyAt: number | null = null;
  #session: PeerSession | null = null;
  #socket: Socket | null = null;
  #over = false;
  #tick: { readonly at: number; readonly cancel: Cancel } | null = null;
  readonly #clock: Clock;
  readonly #report: (link: Link, event: PeerEvent) => void;

  private constructor(outgoing: boolean, clock: Clock, report: (link: Link, event: PeerEvent) => void) {
    this.outgoing = outgoing;
    this.#clock = clock;
    this.#report = report;
  }

  /** `open` dials: the handlers are not called before it returns. */
  static dial(
    config: SessionConfig,
    remote: Point,
    clock: Clock,
    open: (handlers: SocketHandlers) => Socket,
    report: (link: Link, event: PeerEvent) => void,
  ): Link {
    const link = new Link(true, clock, report);
    link.#socket = open(
      link.#handlers(() => {
        const { session, output } = PeerSession.dial(config, remote, clock.monotonicMs());
        link.#session = session;
        link.#apply(output);
      }),
    );
    return link;
  }

  static answer(
    config: SessionConfig,
    socket: Socket,
    clock: Clock,
    report: (link: Link, event: PeerEvent) => void,
  ): { readonly link: Link; readonly handlers: SocketHandlers } {
    const link = new Link(false, clock, report);
    link.#socket = socket;
    link.#session = PeerSession.answer(config, clock.monotonicMs());
    link.#schedule();
    return { link, handlers: link.#handlers(() => undefined) };
  }

  get nodeId(): NodeId | null {
    return this.#session?.nodeId ?? null;
  }

  send(message: WireMessage): void {
    const session = this.#session;
    if (!this.#over && session !== null) this.#apply(session.send(message, this.#clock.monotonicMs()));
  }

  probe(): void {
    const session = this.#session;
    if (!this.#over && session !== null) this.#apply(session.probe(this.#clock.monotonicMs()));
  }

  /** What was sent before goes out first. */
  close(reason: CloseReason): void {
    this.#finish(reason);
  }

  #handlers(onOpen: () => void): SocketHandlers {
    return {
      onOpen: () => {
        if (!this.#over) onOpen();
      },
      onData: (bytes) => {
        const session = this.#session;
        if (!this.#over && session !== null) this.#apply(session.receive(bytes, this.#clock.monotonicMs()));
      },
      onClose: (socket) => this.#finish({ code: this.#session === null ? 'unreachable' : 'ended', socket }),
    };
  }

  #apply({ send, events }: SessionOutput): void {
    for (const bytes of send) this.#socket?.send(bytes);
    for (const event of events) {
      // What an event leads to may have closed this link.
      if (this.#over) return;
      if (event.tag === 'identified') this.establishedAt = this.#clock.monotonicMs();
      if (event.tag === 'ready') this.readyAt = this.#clock.monotonicMs();
      if (event.tag === 'closed') this.#finish(event.reason);
      else this.#report(this, event);
    }
    const buffered = this.#over ? 0 : (this.#socket?.buffered() ?? 0);
    if (buffered > MAX_BUFFERED) this.#finish({ code: 'not-reading', buffered });
    this.#schedule();
  }

  #finish(reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#tick?.cancel();
    this.#socket?.close();
    this.#report(this, { tag: 'closed', reason });
  }

  /** A timer that comes too early asks again: a busy connection does not set one for each message. */
  #schedule(): void {
    const at = this.#over ? null : (this.#session?.nextTickAt ?? null);
    if (at === null || (this.#tick !== null && this.#tick.at <= at)) return;
    this.#tick?.cancel();
    const delay = Math.max(0, at - this.#clock.monotonicMs());
    this.#tick = { at, cancel: this.#clock.after(delay, () => this.#onTick()) };
  }

  #onTick(): void {
    this.#tick = null;
    const session = this.#session;
    if (!this.#over && session !== null) this.#apply(session.tick(this.#clock.monotonicMs()));
  }
}
