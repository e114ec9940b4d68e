import type { BlockHash } from '../../base/ids.ts';
import type { Result } from '../../base/result.ts';
import type { Write } from '../../base/write.ts';
import type { DecodeError } from '../../codec/decode-error.ts';
import type { Init } from '../../wire/connection.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import type { CloseReason } from '../close-reason.ts';

/** Monotonic milliseconds. */
export type Milliseconds = number;

/** A connection to one peer, as far as its messages go. Nothing of it outlives the socket. */
export type SessionState =
  | { readonly phase: 'handshaking'; readonly deadline: Milliseconds }
  /** The keys are agreed, our `init` is out, theirs is not here. `held` waits for it. */
  | { readonly phase: 'greeting'; readonly deadline: Milliseconds; readonly held: readonly WireMessage[] }
  | {
      readonly phase: 'ready';
      /** The two feature maps of the message combined in `features`. */
      readonly remoteInit: Init;
      readonly liveness: Liveness;
      readonly pingAllowance: Allowance;
    }
  | { readonly phase: 'closed'; readonly reason: CloseReason };

export type Ready = Extract<SessionState, { readonly phase: 'ready' }>;

export type Liveness = {
  /** When the peer last said anything. */
  readonly heardAt: Milliseconds;
  /** Our ping, sent after that. */
  readonly pinged: { readonly at: Milliseconds; readonly patience: Milliseconds } | null;
};

/** What is left of a budget that fills up again with time. */
export type Allowance = { readonly left: number; readonly at: Milliseconds };

export type SessionEvent =
  /** BOLT 8 is done: the peer is who it should be. */
  | { readonly tag: 'established' }
  | { readonly tag: 'message'; readonly message: Result<WireMessage, DecodeError> }
  | { readonly tag: 'send'; readonly message: WireMessage }
  | { readonly tag: 'tick' }
  /** Is it still there? For when the machine wakes from sleep or the network changes. */
  | { readonly tag: 'probe' }
  | { readonly tag: 'close'; readonly reason: CloseReason };

export type SessionEffect =
  | { readonly tag: 'send'; readonly message: WireMessage }
  /** `init` was exchanged: channels may speak. */
  | { readonly tag: 'ready'; readonly remoteInit: Init }
  /** For the node: neither init, ping or pong, nor one that must be ignored. */
  | { readonly tag: 'deliver'; readonly message: WireMessage }
  /** After what was sent before it. The last effect of a session. */
  | { readonly tag: 'close'; readonly reason: CloseReason };

export type SessionStep = {
  readonly next: SessionState;
  /** Always empty: a connection leaves nothing on disk. */
  readonly commit: readonly Write[];
  readonly after: readonly SessionEffect[];
};

export type SessionEnv = {
  readonly now: Milliseconds;
  /** Ours, as in `init`. */
  readonly features: Uint8Array;
  /** The chains that we serve. */
  readonly chains: readonly BlockHash[];
  /** The address the peer came from, as a BOLT 7 descriptor; null when we dialled it or do not know. */
  readonly remoteAddress: Uint8Array | null;
  /** Messages that the wire does not know and the node does: even ones are not refused, odd ones are delivered. */
  readonly isCustom: (type: number) => boolean;
  readonly timing: SessionTiming;
};

export type SessionTiming = {
  /** For the handshake, and again for `init`. */
  readonly greetingMs: Milliseconds;
  /** A ping goes out when the peer was quiet for so long. */
  readonly pingAfterMs: Milliseconds;
  /** What a pong may take. */
  readonly pongWithinMs: Milliseconds;
  /** The same for a probe. */
  readonly probeWithinMs: Milliseconds;
};

/** The pings keep the idle timers of WebSocket proxies and home routers from ending the connection. */
export const DEFAULT_TIMING: SessionTiming = {
  greetingMs: 20_000,
  pingAfterMs: 25_000,
  pongWithinMs: 20_000,
  probeWithinMs: 5_000,
};

export const step = (next: SessionState, ...after: readonly SessionEffect[]): SessionStep => ({
  next,
  commit: [],
  after,
});
