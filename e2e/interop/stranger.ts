import { connect, createServer, type Socket } from 'node:net';
import { fromHex, toHex } from '../../engine/base/bytes.ts';
import { NETWORKS } from '../../engine/base/network.ts';
import { Secret } from '../../engine/crypto/secret.ts';
import { loadSecp256k1 } from '../../engine/crypto/secp256k1-load.ts';
import { identityOf, type NoiseIdentity } from '../../engine/noise/handshake.ts';
import {
  DEFAULT_TIMING,
  PeerSession,
  type SessionConfig,
  type SessionOutput,
} from '../../engine/peer/session.ts';
import { instantiateSecp256k1 } from '../../engine/platform/secp256k1-node.ts';
import { systemRandom } from '../../engine/platform/system-random.ts';
import { bitsOf, DEFAULT_FEATURES, featuresFor, withBits } from '../../engine/wire/features.ts';
import type { WireMessage } from '../../engine/wire/wire-message.ts';
import { listen, LOOPBACK } from '../world/free-port.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import { until } from '../world/until.ts';

/** What it needs to know of whom it calls. */
export type Called = {
  readonly id: string;
  readonly address: { readonly host: string; readonly port: number };
};

/** Who can be called; a page can only call. */
export type Met = Called | Leyden;

const NOTHING: SessionOutput = { send: [], events: [] };

/** Somebody without channels, who says hello and hears what is said. */
export class Stranger {
  readonly #socket: Socket;
  readonly #session: PeerSession;
  readonly identity: NoiseIdentity;
  /** All that it was told, but for what keeps a line open. */
  readonly heard: WireMessage[] = [];
  #isClosed = false;

  private constructor(socket: Socket, identity: NoiseIdentity, session: PeerSession, first: SessionOutput) {
    this.identity = identity;
    this.#socket = socket;
    this.#session = session;
    socket.on('data', (bytes) => this.#write(session.receive(new Uint8Array(bytes), performance.now())));
    socket.on('error', () => {
      // `close` follows.
    });
    socket.on('close', () => (this.#isClosed = true));
    this.#write(first);
  }

  /** Resolves when the line is open. `bits`: what it says of itself beside what everybody says. */
  static meet(who: Met, bits: readonly number[] = []): Promise<Stranger> {
    return 'address' in who ? Stranger.#call(who, bits) : Stranger.#calledBy(who, bits);
  }

  static async #call({ id, address }: Called, bits: readonly number[]): Promise<Stranger> {
    const config = await configOf(bits);
    const socket = connect({ ...address, noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const { session, output } = PeerSession.dial(config, fromHex(id), performance.now());
    return new Stranger(socket, config.identity, session, output);
  }

  static async #calledBy({ api }: Leyden, bits: readonly number[]): Promise<Stranger> {
    const config = await configOf(bits);
    const calls: Stranger[] = [];
    const server = createServer((socket) => {
      const session = PeerSession.answer(config, performance.now());
      calls.push(new Stranger(socket, config.identity, session, NOTHING));
    });
    const port = await listen(server, 0);
    const called = await api.connect(toHex(config.identity.publicKey), LOOPBACK, port, false);
    server.close();
    const [stranger] = calls;
    if (stranger === undefined) throw new Error(`nobody called: ${JSON.stringify(called)}`);
    return stranger;
  }

  get id(): string {
    return toHex(this.identity.publicKey);
  }

  send(message: WireMessage): void {
    this.#write(this.#session.send(message, performance.now()));
  }

  /** The bits of its `init`, rising, as soon as that is here. */
  features(): Promise<readonly number[]> {
    return until(
      () => {
        const { state } = this.#session;
        return state.phase === 'ready' ? bitsOf(state.remoteInit.features) : null;
      },
      { what: 'an init', describe: () => this.#session.state },
    );
  }

  /** It answers a ping, so it has not hung up. */
  async isAnswered(): Promise<boolean> {
    await this.features();
    this.#write(this.#session.probe(performance.now()));
    return until(
      () => {
        const { state } = this.#session;
        if (this.#isClosed || state.phase !== 'ready') return { answered: false };
        return state.liveness.pinged === null ? { answered: true } : null;
      },
      { what: 'a pong' },
    ).then(({ answered }) => answered);
  }

  /** Resolves when the other has closed the line. */
  async isHungUpOn(): Promise<void> {
    await until(() => this.#isClosed, { what: 'the line to be closed' });
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  #write({ send, events }: SessionOutput): void {
    for (const bytes of send) this.#socket.write(bytes);
    for (const event of events) if (event.tag === 'message') this.heard.push(event.message);
  }
}

async function configOf(bits: readonly number[]): Promise<SessionConfig> {
  await loadSecp256k1(instantiateSecp256k1, systemRandom);
  return {
    identity: identityOf(new Secret(systemRandom(32))),
    random: systemRandom,
    features: withBits([...bitsOf(featuresFor('I', DEFAULT_FEATURES)), ...bits]),
    chains: [NETWORKS.regtest.genesisHash],
    remoteAddress: null,
    isCustom: () => false,
    timing: DEFAULT_TIMING,
  };
}
