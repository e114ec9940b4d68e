import type { ChainIndex } from './chain-index.ts';

/** Which requests a fault is about, and how often it strikes. */
type Aim = {
  /** Only paths that begin with this; every path when absent. */
  readonly path?: string;
  /** Only this often; until healed when absent. */
  readonly times?: number;
};

export type Fault =
  | ({ readonly kind: 'delay'; readonly ms: number } & Aim)
  /** 429, 500, 503 and their like, with a text in the body as proxies write it. */
  | ({ readonly kind: 'status'; readonly status: number } & Aim)
  /** The right answer, cut in half, in a well-formed HTTP answer. */
  | ({ readonly kind: 'truncate' } & Aim)
  /** The connection breaks in the middle of the body. */
  | ({ readonly kind: 'drop' } & Aim)
  /** Says that the transaction confirmed in the best block at this height, and makes up a proof. */
  | { readonly kind: 'lie'; readonly txid: string; readonly height: number }
  /** Knows nothing of what happens from now on. */
  | { readonly kind: 'stale' }
  /** On another chain than bitcoind: the last `depth` blocks are replaced by `length` empty ones. */
  | { readonly kind: 'fork'; readonly depth: number; readonly length: number };

export type RequestFault = Exclude<Fault, { kind: 'lie' | 'stale' | 'fork' }>;
type Armed = { readonly fault: RequestFault; left: number };

/** What is wrong with the server right now. */
export class Faults {
  readonly #index: ChainIndex;
  #armed: Armed[] = [];
  readonly #lies = new Map<string, number>();

  constructor(index: ChainIndex) {
    this.#index = index;
  }

  async inject(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'lie':
        this.#lies.set(fault.txid, fault.height);
        return;
      case 'stale':
        return this.#index.freeze();
      case 'fork':
        return this.#index.fork(fault.depth, fault.length);
      default:
        this.#armed.push({ fault, left: fault.times ?? Infinity });
    }
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    this.#armed = [];
    this.#lies.clear();
    await this.#index.thaw();
  }

  lieAbout(txid: string): number | null {
    return this.#lies.get(txid) ?? null;
  }

  /** The faults that strike a request for this path; counts them. */
  strike(path: string): RequestFault[] {
    const struck = this.#armed.filter(({ fault }) => path.startsWith(fault.path ?? ''));
    for (const armed of struck) armed.left -= 1;
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return struck.map(({ fault }) => fault);
  }
}
