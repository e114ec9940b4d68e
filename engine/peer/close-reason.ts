import { unreachable } from '../base/assert.ts';
import type { SocketClose } from '../base/ports.ts';
import type { Violation } from '../channel/violation.ts';
import type { HandshakeFailure } from '../noise/handshake.ts';
import type { TransportFailure } from '../noise/transport.ts';

/** Why a connection ended, or never came about. It ends that connection and nothing else. */
export type CloseReason =
  /** The socket never opened. */
  | { readonly code: 'unreachable'; readonly socket: SocketClose }
  /** The other side, or the network, closed the socket. */
  | { readonly code: 'ended'; readonly socket: SocketClose }
  | HandshakeFailure
  | TransportFailure
  | { readonly code: 'silent'; readonly waitingFor: 'handshake' | 'init' | 'pong' }
  /** `init` says that we cannot talk to each other. */
  | { readonly code: 'incompatible'; readonly violation: Violation }
  | { readonly code: 'violation'; readonly violation: Violation }
  /** It takes in less than we have to say: bytes that waited. */
  | { readonly code: 'not-reading'; readonly buffered: number }
  /** It says more than we can take in: messages that waited. */
  | { readonly code: 'flooding'; readonly waiting: number }
  /** The same node connected again; that connection lives on. */
  | { readonly code: 'replaced' }
  /** Too many incoming connections that have not said who they are. */
  | { readonly code: 'crowded' }
  /** We wanted it. */
  | { readonly code: 'requested' };

/** One line for logs and for details: nothing of it is in the peer's words, the socket's detail apart. */
export function describeClose(reason: CloseReason): string {
  switch (reason.code) {
    case 'unreachable':
    case 'ended':
      return `${reason.code}: ${reason.socket.code} ${reason.socket.detail}`.trim();
    case 'handshake':
      return `handshake failed in act ${reason.act}: ${reason.problem.code}`;
    case 'decrypt':
      return `a ${reason.part} did not decrypt`;
    case 'silent':
      return `no ${reason.waitingFor} in time`;
    case 'incompatible':
    case 'violation':
      return `${reason.code}: ${reason.violation.detail}`;
    case 'not-reading':
      return `${reason.buffered} bytes waited to be sent`;
    case 'flooding':
      return `${reason.waiting} messages waited to be taken in`;
    case 'replaced':
      return 'the node connected again';
    case 'crowded':
      return 'too many incoming connections';
    case 'requested':
      return 'disconnected';
    default:
      return unreachable(reason);
  }
}
