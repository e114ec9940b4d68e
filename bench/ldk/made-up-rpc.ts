import { Rpc } from '../../e2e/world/rpc.ts';
import type { FakeChain } from '../../engine/testkit/fake-chain.ts';

/** Tells a new LDK node the tip of a chain in memory, which is all that it asks a bitcoind for. */
export class MadeUpRpc extends Rpc {
  readonly #chain: FakeChain;

  constructor(chain: FakeChain) {
    super({ port: 0, user: '', password: '' });
    this.#chain = chain;
  }

  override call<T>(method: string): Promise<T> {
    const answers: Readonly<Record<string, unknown>> = {
      getbestblockhash: this.#chain.tip.header.hash,
      getblockheader: { height: this.#chain.blocks.length - 1 },
    };
    if (!(method in answers)) return Promise.reject(new Error(`no bitcoind to ask for ${method}`));
    return Promise.resolve(answers[method] as T);
  }
}
