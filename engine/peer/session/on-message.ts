import { unreachable } from '../../base/assert.ts';
import type { Result } from '../../base/result.ts';
import type { DecodeError } from '../../codec/decode-error.ts';
import type { UnknownMessage, WireMessage } from '../../wire/wire-message.ts';
import { refuse } from './close.ts';
import { onInit } from './on-init.ts';
import { onPing } from './on-ping.ts';
import { step, type Ready, type SessionEnv, type SessionState, type SessionStep } from './state.ts';

export function onMessage(
  state: SessionState,
  message: Result<WireMessage, DecodeError>,
  env: SessionEnv,
): SessionStep {
  switch (state.phase) {
    case 'handshaking':
    case 'closed':
      return step(state);
    case 'greeting':
      return onGreeting(state, message, env);
    case 'ready':
      return onReady({ ...state, liveness: { heardAt: env.now, pinged: null } }, message, env);
    default:
      return unreachable(state);
  }
}

const malformed = ({ code, field }: DecodeError): SessionStep =>
  refuse(
    'violation',
    'BOLT 1: "upon receiving a known message with insufficient length for the contents: MUST close the connection."',
    `${code} at ${field}`,
  );

function onGreeting(
  state: Extract<SessionState, { readonly phase: 'greeting' }>,
  message: Result<WireMessage, DecodeError>,
  env: SessionEnv,
): SessionStep {
  if (!message.ok) return malformed(message.error);
  if (message.value.name === 'init') return onInit(state, message.value, env);
  return refuse(
    'violation',
    'BOLT 1 §init: "MUST send `init` as the first Lightning message for any connection."',
    'the first message is not init',
  );
}

function onReady(state: Ready, message: Result<WireMessage, DecodeError>, env: SessionEnv): SessionStep {
  if (!message.ok) return malformed(message.error);
  switch (message.value.name) {
    case 'ping':
      return onPing(state, message.value, env);
    case 'pong':
      // BOLT 1 §pong: "if `byteslen` does not correspond to any `ping`'s `num_pong_bytes` value it has sent: MAY close
      // the connection." We need only hear that the peer lives.
      return step(state);
    case 'init':
      return refuse(
        'violation',
        'BOLT 1 §init: "MUST send `init` as the first Lightning message for any connection."',
        'init came twice',
      );
    case 'unknown':
      return onUnknown(state, message.value, env);
    default:
      return step(state, { tag: 'deliver', message: message.value });
  }
}

function onUnknown(state: Ready, message: UnknownMessage, env: SessionEnv): SessionStep {
  if (env.isCustom(message.type)) return step(state, { tag: 'deliver', message });
  // BOLT 1: "upon receiving a message of odd, unknown type: MUST ignore the received message."
  if (message.type % 2 === 1) return step(state);
  return refuse(
    'violation',
    'BOLT 1: "upon receiving a message of even, unknown type: MUST close the connection."',
    `unknown message ${message.type}`,
  );
}
