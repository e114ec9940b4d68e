// What passes between the test's process and the peer's: structured clones over Node's channel to a child.
import type {
  InvoiceRequest,
  OpenedChannel,
  OpenRequest,
  PaidPayment,
  PayOptions,
  PeerChannel,
  PeerEvent,
  PeerInvoice,
} from '../real-peer.ts';
import type { LdkSettings } from './settings.ts';

export type LdkCommands = {
  connect(nodeId: string, host: string, port: number): Promise<void>;
  disconnect(nodeId: string): void;
  openChannel(request: OpenRequest): Promise<OpenedChannel>;
  createInvoice(request: InvoiceRequest): PeerInvoice;
  pay(bolt11: string, options: PayOptions): Promise<PaidPayment>;
  paySpontaneously(nodeId: string, amountMsat: bigint): Promise<PaidPayment>;
  claim(preimage: string): void;
  fail(paymentHash: string): void;
  close(channelId: string): void;
  forceClose(channelId: string): void;
  channels(): PeerChannel[];
  knownChannels(): string[];
  onchainSat(): Promise<bigint>;
  onchainAddress(): string;
  /** Offers waiting transactions and reads blocks up to bitcoind's tip. */
  sync(): Promise<void>;
  /** What it asks for forwarding out through the channel, from now on. */
  setForwardingFee(channelId: string, feeBaseMsat: number): void;
  /** sat per 1,000 weight; as opener the peer sends update_fee at once when it matters. */
  setFeerate(perKw: number): void;
  /** The number of bytes of WebAssembly memory and of the whole process. */
  memory(): { readonly rss: number };
  stop(): Promise<void>;
};
export type CommandName = keyof LdkCommands;

export type ToPeer =
  | { readonly tag: 'start'; readonly settings: LdkSettings }
  | { readonly tag: 'command'; readonly id: number; readonly name: CommandName; readonly args: unknown[] };

export type FromPeer =
  | { readonly tag: 'ready'; readonly nodeId: string; readonly port: number }
  | { readonly tag: 'event'; readonly event: PeerEvent }
  | { readonly tag: 'result'; readonly id: number; readonly value: unknown }
  | { readonly tag: 'failure'; readonly id: number; readonly message: string };
