import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { CLOSE, CONNECTED, type CloseName } from './protocol.ts';
import type { ProxySettings } from './settings.ts';

/** Bytes that wait for a slow page before its peer is made to wait too. */
const HIGH_WATER = 256 * 1024;
const LOW_WATER = 64 * 1024;
/** How long the other side may take to answer a close. */
const CLOSE_PATIENCE_MS = 5000;

type Timing = Pick<ProxySettings, 'idleMs' | 'pingMs'>;

/** Says why, in at most the 123 bytes that a close frame has room for, and makes sure that it ends. */
export function closePage(page: WebSocket, name: CloseName, reason: string): void {
  if (page.readyState === WebSocket.CLOSED) return;
  page.close(CLOSE[name], Buffer.from(reason).subarray(0, 120).toString());
  // A paused socket would never hear the answer.
  page.resume();
  const timer = setTimeout(() => page.terminate(), CLOSE_PATIENCE_MS);
  timer.unref();
  page.once('close', () => clearTimeout(timer));
}

/** Joins a page and a peer. Whoever is slow makes the other wait; whoever ends ends both. */
export class Bridge {
  readonly #page: WebSocket;
  readonly #peer: Socket;
  readonly #timing: Timing;
  #hasEnded = false;
  #movedAt = performance.now();
  /** The page gave a sign of life since the last ping. */
  #isPageAlive = true;
  readonly #timer: NodeJS.Timeout;

  constructor(page: WebSocket, peer: Socket, timing: Timing) {
    this.#page = page;
    this.#peer = peer;
    this.#timing = timing;
    page.send(CONNECTED);
    page.on('message', (data, isBinary) => this.#fromPage(data as Buffer, isBinary));
    page.on('pong', () => {
      this.#isPageAlive = true;
    });
    page.on('close', () => this.#pageLeft());
    page.on('error', () => {
      // A frame against the rules, or too large: `close` follows.
    });
    peer.on('data', (bytes) => this.#fromPeer(bytes));
    peer.on('drain', () => {
      this.#moved();
      // Its pongs may have waited with everything else.
      this.#isPageAlive = true;
      page.resume();
    });
    peer.on('end', () => this.end('peerClosed', 'the peer closed the connection'));
    peer.on('error', () => this.end('peerReset', 'the connection to the peer broke'));
    peer.on('close', () => this.end('peerReset', 'the connection to the peer broke'));
    this.#timer = setInterval(() => this.#look(), Math.min(timing.pingMs, timing.idleMs));
    // It was held back until there was somebody to talk to.
    page.resume();
  }

  /** Tells the page why, and lets go of the peer. */
  end(name: CloseName, reason: string): void {
    if (this.#hasEnded) return;
    this.#finish();
    closePage(this.#page, name, reason);
    this.#peer.destroy();
  }

  #fromPage(data: Buffer, isBinary: boolean): void {
    if (this.#hasEnded) return;
    if (!isBinary) return this.end('badFrame', 'only binary frames are data');
    this.#isPageAlive = true;
    this.#moved();
    if (!this.#peer.write(data)) this.#page.pause();
  }

  #fromPeer(bytes: Buffer): void {
    if (this.#hasEnded) return;
    this.#moved();
    this.#page.send(bytes, () => {
      // On its way to the page.
      this.#isPageAlive = true;
      this.#moved();
      if (this.#page.bufferedAmount <= LOW_WATER) this.#peer.resume();
    });
    if (this.#page.bufferedAmount > HIGH_WATER) this.#peer.pause();
  }

  #pageLeft(): void {
    if (this.#hasEnded) return;
    this.#finish();
    // What the page sent last still goes out.
    this.#peer.end();
    this.#peer.resume();
    const timer = setTimeout(() => this.#peer.destroy(), CLOSE_PATIENCE_MS);
    timer.unref();
    this.#peer.once('close', () => clearTimeout(timer));
  }

  #moved(): void {
    this.#movedAt = performance.now();
  }

  #look(): void {
    if (performance.now() - this.#movedAt >= this.#timing.idleMs) {
      return this.end('idle', 'nothing moved for too long');
    }
    // While the peer makes us wait we do not read from the page, and so do not hear it.
    if (this.#page.isPaused) return;
    if (!this.#isPageAlive) {
      this.#page.terminate();
      return;
    }
    this.#isPageAlive = false;
    this.#page.ping();
  }

  #finish(): void {
    this.#hasEnded = true;
    clearInterval(this.#timer);
  }
}
