import { fork, type ChildProcess } from 'node:child_process';
import type { Bitcoind } from '../bitcoind.ts';
import { channelOf } from '../channel-wait.ts';
import { LOOPBACK } from '../free-port.ts';
import type {
  InvoiceRequest,
  OpenedChannel,
  OpenRequest,
  PaidPayment,
  PayOptions,
  PeerAddress,
  PeerChannel,
  PeerEvent,
  PeerInvoice,
  TellingPeer,
} from '../real-peer.ts';
import { until } from '../until.ts';
import type { CommandName, FromPeer, LdkCommands, ToPeer } from './control.ts';
import { ldkProgram } from './program.ts';
import { DEFAULTS, type LdkSettings } from './settings.ts';

export type LdkPeerOptions = Partial<Omit<LdkSettings, 'rpc' | 'folder'>> & {
  /** Where it keeps its state. */
  readonly folder: string;
};

type Call = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };
type Process = { readonly child: ChildProcess; readonly exited: Promise<void> };
type Returned<N extends CommandName> = Awaited<ReturnType<LdkCommands[N]>>;

const KEPT_WORDS = 4000;

/** LDK, compiled to WebAssembly, in a process of its own. */
export class LdkPeer implements TellingPeer {
  readonly alias: string;
  id = '';
  address: PeerAddress = { host: LOOPBACK, port: 0 };
  events: PeerEvent[] = [];
  readonly #chain: Bitcoind;
  readonly #settings: LdkSettings;
  readonly #calls = new Map<number, Call>();
  #process: Process | null = null;
  #lastCall = 0;
  #lastWords = '';

  private constructor(chain: Bitcoind, settings: LdkSettings) {
    this.#chain = chain;
    this.#settings = settings;
    this.alias = settings.alias;
  }

  /** Resolves when it listens. */
  static async start(chain: Bitcoind, options: LdkPeerOptions): Promise<LdkPeer> {
    const peer = new LdkPeer(chain, { ...DEFAULTS, rpc: chain.rpc.target, ...options });
    await peer.#start();
    return peer;
  }

  async fund(amountSat: bigint): Promise<void> {
    await this.#chain.fund(await this.#call('onchainAddress'), amountSat);
    await this.sync();
  }
  connect(nodeId: string, { host, port }: PeerAddress): Promise<void> {
    return this.#call('connect', nodeId, host, port);
  }
  disconnect(nodeId: string): Promise<void> {
    return this.#call('disconnect', nodeId);
  }
  async openChannel(request: OpenRequest): Promise<OpenedChannel> {
    const opened = await this.#call('openChannel', request);
    // Its funding transaction is on its way to bitcoind.
    await this.sync();
    return opened;
  }
  createInvoice(request: InvoiceRequest): Promise<PeerInvoice> {
    return this.#call('createInvoice', request);
  }
  pay(bolt11: string, options: PayOptions = {}): Promise<PaidPayment> {
    return this.#call('pay', bolt11, options);
  }
  paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment> {
    return this.#call('paySpontaneously', nodeId, amountMsat);
  }
  async waitForHeld(paymentHash: string): Promise<void> {
    await this.waitForEvent('payment-held', (event) => event.paymentHash === paymentHash);
  }
  claim(preimage: string): Promise<void> {
    return this.#call('claim', preimage);
  }
  fail(paymentHash: string): Promise<void> {
    return this.#call('fail', paymentHash);
  }
  close(channelId: string): Promise<void> {
    return this.#call('close', channelId);
  }
  forceClose(channelId: string): Promise<void> {
    return this.#call('forceClose', channelId);
  }
  channels(): Promise<readonly PeerChannel[]> {
    return this.#call('channels');
  }
  knownChannels(): Promise<readonly string[]> {
    return this.#call('knownChannels');
  }
  onchainSat(): Promise<bigint> {
    return this.#call('onchainSat');
  }
  sync(): Promise<void> {
    return this.#call('sync');
  }
  /** What it asks for forwarding out through the channel, from now on; it tells the network. */
  setForwardingFee(channelId: string, feeBaseMsat: number): Promise<void> {
    return this.#call('setForwardingFee', channelId, feeBaseMsat);
  }
  /** sat per 1,000 weight; as opener it sends update_fee at once when the change is big enough. */
  setFeerate(perKw: number): Promise<void> {
    return this.#call('setFeerate', perKw);
  }
  /** Bytes of memory of its process. */
  async memory(): Promise<number> {
    return (await this.#call('memory')).rss;
  }

  waitForEvent<T extends PeerEvent['type']>(
    type: T,
    matches: (event: Extract<PeerEvent, { type: T }>) => boolean = () => true,
    timeoutMs = 30_000,
  ): Promise<Extract<PeerEvent, { type: T }>> {
    type Wanted = Extract<PeerEvent, { type: T }>;
    return until(
      () => this.events.find((event): event is Wanted => event.type === type && matches(event as Wanted)),
      {
        what: `${type} at ${this.alias}`,
        timeoutMs,
        everyMs: 5,
        describe: () => this.events.slice(-8),
      },
    );
  }

  waitForChannel(
    matches: (channel: PeerChannel) => boolean,
    what: string,
    timeoutMs = 30_000,
  ): Promise<PeerChannel> {
    return channelOf(this, { matches, what, timeoutMs, lastWords: () => this.events.slice(-8) });
  }

  /** It sells channels. */
  get isLsp(): boolean {
    return this.#settings.lsp !== null;
  }

  isRunning(): boolean {
    return this.#process !== null;
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running === null) return;
    // It may have died on its own.
    await this.#call('stop').catch(() => {});
    if (running.child.connected) running.child.disconnect();
    await running.exited;
  }

  async kill(): Promise<void> {
    const running = this.#process;
    running?.child.kill('SIGKILL');
    await running?.exited;
  }

  async restart(): Promise<void> {
    await this.stop();
    this.events = [];
    await this.#start();
  }

  async #start(): Promise<void> {
    const program = await ldkProgram();
    return new Promise((resolve, reject) => {
      const child = fork(program, {
        execArgv: [],
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      const exited = new Promise<void>((gone) => {
        child.once('exit', (code, signal) => {
          this.#process = null;
          const error = new Error(`${this.alias} ended (${signal ?? code}): ${this.#lastWords}`);
          for (const call of this.#calls.values()) call.reject(error);
          this.#calls.clear();
          reject(error);
          gone();
        });
      });
      this.#process = { child, exited };
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => {
          this.#lastWords = (this.#lastWords + chunk.toString()).slice(-KEPT_WORDS);
        });
      }
      child.on('message', (message: FromPeer) => {
        if (message.tag !== 'ready') return this.#heard(message);
        this.id = message.nodeId;
        this.address = { host: LOOPBACK, port: message.port };
        resolve();
      });
      const port = this.address.port === 0 ? this.#settings.port : this.address.port;
      this.#send({ tag: 'start', settings: { ...this.#settings, port } });
    });
  }

  #heard(message: Exclude<FromPeer, { tag: 'ready' }>): void {
    if (message.tag === 'event') {
      this.events.push(message.event);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.tag === 'result') call?.resolve(message.value);
    else call?.reject(new Error(`${this.alias}: ${message.message}`));
  }

  #call<N extends CommandName>(name: N, ...args: Parameters<LdkCommands[N]>): Promise<Returned<N>> {
    if (this.#process === null) return Promise.reject(new Error(`${this.alias} is not running`));
    const id = ++this.#lastCall;
    return new Promise<Returned<N>>((resolve, reject) => {
      this.#calls.set(id, { resolve: (value) => resolve(value as Returned<N>), reject });
      this.#send({ tag: 'command', id, name, args });
    });
  }

  #send(message: ToPeer): void {
    this.#process?.child.send(message, () => {
      // A process that just died: its calls are rejected at `exit`.
    });
  }
}
