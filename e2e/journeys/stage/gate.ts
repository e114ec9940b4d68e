import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { listen, LOOPBACK } from '../../world/free-port.ts';

/**
 * The only way out of a browser under test: an HTTP proxy through which all of its traffic goes, loopback and
 * WebSockets included. It lets through what leads to an allowed place and remembers every other attempt.
 */
export class Gate {
  /** `host:port` of whatever else the browser tried to reach. */
  readonly strays = new Set<string>();
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #allowed: Set<string>;
  readonly #tunnels = new Set<Duplex>();
  /** Each tunnel's two ends: the page's, and the server's. */
  readonly #lines = new Map<Duplex, Duplex>();
  readonly #closed = new Set<string>();
  #port = 0;
  #onTunnelled: ((host: string) => void) | null = null;

  private constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map(hostOf));
    this.#server = http.createServer((request, response) => this.#forward(request, response));
    this.#server.on('connect', (request, socket, head) => this.#tunnel(request.url ?? '', socket, head));
  }

  /** @param allowed URLs of the site and of every configured server */
  static async open(allowed: readonly string[]): Promise<Gate> {
    const gate = new Gate(allowed);
    gate.#port = await listen(gate.#server, 0);
    return gate;
  }

  /** For a browser context. Without the bypass rule Chromium would take loopback out. */
  get proxy(): { readonly server: string; readonly bypass: string } {
    return { server: `http://${LOOPBACK}:${this.#port}`, bypass: '<-loopback>' };
  }

  /** One more server: of those that a person sets. */
  allow(url: string): void {
    this.#allowed.add(hostOf(url));
  }

  /** From now on these cannot be reached, and what was connected to them is cut. */
  close(urls: readonly string[]): void {
    for (const url of urls) this.#closed.add(hostOf(url));
    for (const tunnel of this.#tunnels) tunnel.destroy();
  }

  reopen(): void {
    this.#closed.clear();
  }

  /** From now on what the page says through WebSockets is kept back; what it is told still arrives. */
  hold(): void {
    for (const [page, server] of this.#lines) page.unpipe(server).pause();
  }

  /** What was kept back is said. */
  release(): void {
    for (const [page, server] of this.#lines) page.pipe(server);
  }

  /**
   * Resolves once the page has sent `count` more pieces of data through WebSockets: a moment in the middle of what it
   * is doing, told by its own doings.
   */
  sent(count: number): Promise<void> {
    return new Promise((resolve) => {
      let left = count;
      this.#onTunnelled = () => {
        if (--left > 0) return;
        this.#onTunnelled = null;
        resolve();
      };
    });
  }

  async stop(): Promise<void> {
    for (const tunnel of this.#tunnels) tunnel.destroy();
    this.#agent.destroy();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #lets(host: string): boolean {
    if (this.#allowed.has(host)) return !this.#closed.has(host);
    this.strays.add(host);
    return false;
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '');
    if (!this.#lets(url.host)) return void response.destroy();
    const { 'proxy-connection': _ours, ...headers } = request.headers;
    const onward = http.request(
      url,
      { method: request.method ?? 'GET', headers, agent: this.#agent },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('error', () => response.destroy()).pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  #tunnel(host: string, socket: Duplex, head: Buffer): void {
    if (!this.#lets(host)) return void socket.destroy();
    const [name = '', port = '80'] = host.split(':');
    const onward = net.connect(Number(port), name, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward);
      onward.pipe(socket);
      this.#lines.set(socket, onward);
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#tunnels.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#tunnels.delete(one);
        this.#lines.delete(one);
        other.destroy();
      });
    }
    socket.on('data', () => this.#onTunnelled?.(host));
  }
}

const hostOf = (url: string): string => new URL(url).host;
