import { connect, createServer, type Server } from 'node:net';
import { listen } from '../free-port.ts';
import { isOk, ldk, pin, trimReferences, unhex, unwrap } from './library.ts';

/** What we need of a byte stream: net.Socket, or two ends of one in memory. */
export type ByteStream = {
  readonly writableLength: number;
  write(bytes: Uint8Array): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
};

type Connection = {
  readonly stream: ByteStream;
  /** Written only after what they tell is saved. */
  outbox: Uint8Array[];
  isClosed: boolean;
  isPaused: boolean;
};

/** More than this waiting in the socket, and LDK is told to wait. */
const HIGH_WATER = 1 << 20;

/** Byte streams of peers, between sockets and LDK's peer manager. */
export class Transport {
  readonly #peers: ldk.PeerManager;
  /** Called when LDK was given something and may have something to say. */
  readonly #stirred: () => void;
  readonly #connections = new Set<Connection>();
  #server: Server | null = null;
  #isStopped = false;
  static #lastId = 0n;

  constructor(peers: ldk.PeerManager, stirred: () => void) {
    this.#peers = peers;
    this.#stirred = stirred;
  }

  /** @returns the port */
  async listen(port: number): Promise<number> {
    this.#server = createServer((socket) => {
      socket.setNoDelay(true);
      this.attach(socket);
    });
    return listen(this.#server, port);
  }

  /** Resolves when TCP is up and the first bytes of the handshake are on their way. */
  dial(nodeId: string, host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        try {
          this.attach(socket, nodeId);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Gives a stream to LDK; `nodeId` when we dialled. */
  attach(stream: ByteStream, nodeId?: string): void {
    const connection: Connection = { stream, outbox: [], isClosed: false, isPaused: false };
    const descriptor = this.#descriptor(connection);
    this.#connections.add(connection);
    stream.on('data', (bytes) => this.#received(connection, descriptor, bytes));
    stream.on('drain', () => {
      if (connection.isClosed || this.#isStopped) return;
      if (!isOk(this.#peers.write_buffer_space_avail(descriptor))) this.#drop(connection);
      this.#stirred();
    });
    stream.on('error', () => {
      // `close` follows.
    });
    stream.on('close', () => {
      this.#connections.delete(connection);
      if (connection.isClosed || this.#isStopped) return;
      connection.isClosed = true;
      this.#peers.socket_disconnected(descriptor);
      this.#stirred();
    });
    const address = ldk.Option_SocketAddressZ.constructor_none();
    if (nodeId === undefined) {
      if (!isOk(this.#peers.new_inbound_connection(descriptor, address))) this.#drop(connection);
    } else {
      const opened = this.#peers.new_outbound_connection(unhex(nodeId), descriptor, address);
      if (!isOk(opened)) this.#drop(connection);
      stream.write(unwrap<Uint8Array>(opened, 'dial'));
    }
    this.#stirred();
  }

  /** Sends what LDK wanted sent: call it after its state is saved, never before. */
  flush(): void {
    for (const connection of this.#connections) {
      const bytes = connection.outbox;
      if (bytes.length === 0) continue;
      connection.outbox = [];
      for (const chunk of bytes) connection.stream.write(chunk);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { stream } of this.#connections) stream.destroy();
    const server = this.#server;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #descriptor(connection: Connection): ldk.SocketDescriptor {
    const id = ++Transport.#lastId;
    return pin(
      ldk.SocketDescriptor.new_impl({
        // Called with LDK's locks held: only notes down.
        send_data: (data, resume) => {
          if (resume && connection.isPaused) {
            connection.isPaused = false;
            connection.stream.resume();
          }
          if (connection.isClosed || data.length === 0) return 0;
          if (connection.stream.writableLength > HIGH_WATER) return 0;
          connection.outbox.push(data);
          return data.length;
        },
        disconnect_socket: () => {
          connection.isClosed = true;
          // What is in the outbox, an error message perhaps, still goes out.
          setImmediate(() => {
            for (const chunk of connection.outbox.splice(0)) connection.stream.write(chunk);
            setImmediate(() => connection.stream.destroy());
          });
        },
        eq: (other) => other.hash() === id,
        hash: () => id,
      }),
    );
  }

  #received(connection: Connection, descriptor: ldk.SocketDescriptor, bytes: Uint8Array): void {
    if (connection.isClosed || this.#isStopped) return;
    const result = this.#peers.read_event(descriptor, bytes);
    trimReferences(this.#peers);
    if (!isOk(result)) this.#drop(connection);
    else if (unwrap<boolean>(result, 'read')) {
      connection.isPaused = true;
      connection.stream.pause();
    }
    this.#stirred();
  }

  #drop(connection: Connection): void {
    connection.isClosed = true;
    connection.stream.destroy();
  }
}
