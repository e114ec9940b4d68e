import { unwrapOk } from './unwrap.ts';
import { ok } from '../../engine/base/result.ts';
import { Secret } from '../../engine/crypto/secret.ts';
import type { NodeApi, NodeEvent } from '../../engine/node/api.ts';
import { loadNode, type LeydenNode } from '../../engine/node/node.ts';
import { systemClock } from '../../engine/platform/system-clock.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { httpOver, type FakeEsplora } from '../../engine/testkit/fake-esplora.ts';
import { CountingStore } from './counting-store.ts';
import type { MemoryLink } from './memory-link.ts';
import type { Surroundings } from './surroundings.ts';

/** Nothing of the chain moves but when the bench says so. */
const NEVER_MS = 3_600_000;

/** A whole node by its public interface: its events are read and acknowledged as a page would. */
export class BenchNode {
  readonly api: NodeApi;
  readonly store: CountingStore;
  readonly #handle: (event: NodeEvent) => void;
  #isReading = false;
  #readAgain = false;

  private constructor(node: LeydenNode, store: CountingStore, handle: (event: NodeEvent) => void) {
    this.api = node.api;
    this.store = store;
    this.#handle = handle;
    node.onChange(() => this.#read());
  }

  static async start(
    name: string,
    surroundings: Surroundings,
    esplora: FakeEsplora,
    link: MemoryLink,
    handle: (event: NodeEvent) => void,
  ): Promise<BenchNode> {
    const store = new CountingStore(await surroundings.openStore(name));
    const loaded = unwrapOk(
      await loadNode({
        network: 'regtest',
        seed: new Secret(systemRandom(64)),
        servers: () => Promise.resolve(ok({ esplora: [esplora.url], proxies: [] })),
        store,
        http: httpOver(esplora),
        dial: link.dial,
        listen: link.listen,
        clock: systemClock,
        random: systemRandom,
        log: () => {},
        instantiateCurve: surroundings.instantiateCurve,
        syncEveryMs: NEVER_MS,
      }),
    );
    const node = new BenchNode(loaded, store, handle);
    unwrapOk(await node.api.start());
    return node;
  }

  #read(): void {
    this.#readAgain = true;
    if (!this.#isReading) void this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    while (this.#readAgain) {
      this.#readAgain = false;
      for (let next = await this.api.nextEvent(); next !== null; next = await this.api.nextEvent()) {
        this.#handle(next.event);
        await this.api.eventHandled(next.cursor);
      }
    }
    this.#isReading = false;
  }
}
