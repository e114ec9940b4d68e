import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBitcoind } from '../install.mjs';
import { startChild, type Child } from './child.ts';
import { freePort } from './free-port.ts';
import { Rpc, RpcError, bitcoinOf } from './rpc.ts';
import { until } from './until.ts';

export type PackageResult = {
  /** "success", or why the package as a whole was refused. */
  readonly message: string;
  readonly transactions: readonly { readonly txid: string; readonly error: string | null }[];
};

export type BitcoindOptions = {
  /** Kept when given; otherwise a folder of its own, removed at `stop`. */
  readonly folder?: string;
  /** Megabytes of memory for transactions that wait: 5 is the least there is. */
  readonly mempoolMb?: number;
  /** What its wallet pays for a virtual byte, and so what it estimates once there is a history: 20 when absent. */
  readonly satPerVb?: number;
};

/** What is on disk cannot be read again; a start that fails for any other reason may succeed the next time. */
export class DamagedChain extends Error {}

const USER = 'leyden';
const PASSWORD = 'regtest';
/** Coinbase outputs can be spent 100 blocks later. */
const FIRST_BLOCKS = 110;
const MINER = 'miner';

/** bitcoind on regtest: the chain of the playground and of the tests. */
export class Bitcoind {
  readonly rpc: Rpc;
  readonly #miner: Rpc;
  readonly #child: Child;
  readonly #temporary: string | null;
  #mineTo = '';

  private constructor(child: Child, rpc: Rpc, temporary: string | null) {
    this.#child = child;
    this.rpc = rpc;
    this.#miner = rpc.forWallet(MINER);
    this.#temporary = temporary;
  }

  /** Ready when it resolves: coins can be spent, and the tip is a few seconds old at most. */
  static async start(options: BitcoindOptions = {}): Promise<Bitcoind> {
    const program = await ensureBitcoind();
    const policy = await policyOf(program);
    const temporary = options.folder === undefined ? await mkdtemp(join(tmpdir(), 'leyden-bitcoind-')) : null;
    const folder = temporary ?? options.folder ?? '';
    const mempool = options.mempoolMb === undefined ? [] : [`-maxmempool=${options.mempoolMb}`];
    await mkdir(folder, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const child = startChild(program, [
        ...argumentsFor(folder, port, options.satPerVb),
        ...policy,
        ...mempool,
      ]);
      const bitcoind = new Bitcoind(child, new Rpc({ port, user: USER, password: PASSWORD }), temporary);
      try {
        await bitcoind.#waitUntilReady();
        await bitcoind.#prepareCoins();
        return bitcoind;
      } catch (error) {
        await child.kill();
        // Somebody else took the port between our look and its start.
        if (attempt < 4 && /unable to bind/i.test(child.lastWords())) continue;
        if (temporary !== null) await rm(temporary, { recursive: true, force: true });
        const words = child.lastWords();
        const Failure = /error[^\n]*(corrupt|no genesis block)/i.test(words) ? DamagedChain : Error;
        throw new Failure(`bitcoind did not start: ${words.slice(-600)}`, { cause: error });
      }
    }
  }

  /** @returns the new blocks' hashes, lowest first */
  mine(blocks = 1): Promise<string[]> {
    return this.rpc.call<string[]>('generatetoaddress', blocks, this.#mineTo);
  }

  /** Mines blocks that leave the mempool alone. */
  async mineEmpty(blocks = 1): Promise<string[]> {
    const hashes: string[] = [];
    for (let i = 0; i < blocks; i++) hashes.push(await this.mineJust([]));
    return hashes;
  }

  /**
   * Mines one block of just these, as hex: what of the mempool spends the same is gone for good.
   * @returns its hash
   */
  async mineJust(transactions: readonly string[]): Promise<string> {
    const { hash } = await this.rpc.call<{ hash: string }>('generateblock', this.#mineTo, transactions);
    return hash;
  }

  /**
   * Pays from the miner's coins; unconfirmed until the next block.
   * @returns the transaction id
   */
  send(address: string, amountSat: bigint): Promise<string> {
    return this.#miner.call<string>('sendtoaddress', address, bitcoinOf(amountSat));
  }

  /**
   * Pays and confirms in one block.
   * @returns the transaction id
   */
  async fund(address: string, amountSat: bigint): Promise<string> {
    const txid = await this.send(address, amountSat);
    await this.mine(1);
    return txid;
  }

  /** Parents first, the child last. */
  async submitPackage(transactionsHex: readonly string[]): Promise<PackageResult> {
    const answer = await this.rpc.call<{
      package_msg: string;
      'tx-results': Record<string, { txid: string; error?: string }>;
    }>('submitpackage', transactionsHex);
    return {
      message: answer.package_msg,
      transactions: Object.values(answer['tx-results']).map(({ txid, error }) => ({
        txid,
        error: error ?? null,
      })),
    };
  }

  /**
   * Takes back the last `depth` blocks and mines `replacement` others on the block below. Their transactions go back to
   * the mempool; `empty` leaves them there.
   * @returns the hashes of the new blocks
   */
  async reorg(depth: number, replacement = depth + 1, empty = true): Promise<string[]> {
    const height = await this.height();
    const first = await this.rpc.call<string>('getblockhash', height - depth + 1);
    await this.rpc.call('invalidateblock', first);
    // A block of the same second to the same address would be the one that was just taken back.
    this.#mineTo = await this.newAddress();
    return empty ? this.mineEmpty(replacement) : this.mine(replacement);
  }

  height(): Promise<number> {
    return this.rpc.call<number>('getblockcount');
  }

  /** A new address of the miner's. */
  newAddress(type: 'bech32' | 'bech32m' | 'p2sh-segwit' | 'legacy' = 'bech32'): Promise<string> {
    return this.#miner.call<string>('getnewaddress', '', type);
  }

  isRunning(): boolean {
    return this.#child.isRunning();
  }

  /** Resolves when everything is on disk and the process is gone. */
  async stop(): Promise<void> {
    await this.#child.stop();
    this.#miner.close();
    this.rpc.close();
    if (this.#temporary !== null) await rm(this.#temporary, { recursive: true, force: true });
  }

  async #waitUntilReady(): Promise<void> {
    await until(
      async () => {
        if (!this.#child.isRunning()) throw new Error('it ended');
        try {
          await this.rpc.call('getblockcount');
          return true;
        } catch (error) {
          // -28: still loading. Not listening yet: a connection error.
          if (error instanceof RpcError && error.code !== -28) throw error;
          return false;
        }
      },
      { what: 'bitcoind to answer', everyMs: 20, timeoutMs: 60_000 },
    );
  }

  async #prepareCoins(): Promise<void> {
    const { wallets } = await this.rpc.call<{ wallets: { name: string }[] }>('listwalletdir');
    const isOld = wallets.some(({ name }) => name === MINER);
    await this.rpc.call(isOld ? 'loadwallet' : 'createwallet', MINER);
    this.#mineTo = await this.#miner.call<string>('getnewaddress', 'mined', 'bech32');
    const height = await this.height();
    // One more on an old chain: software that reads the time off the tip must not find last week.
    await this.mine(height < FIRST_BLOCKS ? FIRST_BLOCKS - height : 1);
  }
}

/** Knots' own policies are stricter than what the network relays; Core does not know the word. */
async function policyOf(program: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  return /knots/i.test(stdout) ? ['-corepolicy'] : [];
}

function argumentsFor(folder: string, rpcPort: number, satPerVb = 20): string[] {
  return [
    '-regtest',
    `-datadir=${folder}`,
    '-listen=0',
    '-connect=0',
    '-server',
    '-txindex',
    `-fallbackfee=${bitcoinOf(BigInt(satPerVb) * 1000n)}`,
    '-addresstype=bech32',
    '-changetype=bech32',
    `-rpcport=${rpcPort}`,
    `-rpcuser=${USER}`,
    `-rpcpassword=${PASSWORD}`,
    '-rpcthreads=8',
    // On our small chains a block an hour old is no reason to call itself behind.
    '-maxtipage=315360000',
    '-printtoconsole=1',
    '-debuglogfile=0',
    // Nothing to wait for: there is no history worth an fsync.
    '-dbcache=16',
  ];
}
