import { unreachable } from '../../base/assert.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import { close } from './close.ts';
import { ourInit } from './on-init.ts';
import { onMessage } from './on-message.ts';
import { onProbe, onTick } from './on-tick.ts';
import { step, type SessionEnv, type SessionEvent, type SessionState, type SessionStep } from './state.ts';

export const newSession = (env: Pick<SessionEnv, 'now' | 'timing'>): SessionState => ({
  phase: 'handshaking',
  deadline: env.now + env.timing.greetingMs,
});

/** Synchronous, total, deterministic. After `closed` nothing happens any more. */
export function transition(state: SessionState, event: SessionEvent, env: SessionEnv): SessionStep {
  if (state.phase === 'closed') return step(state);
  switch (event.tag) {
    case 'established':
      // BOLT 1 §init: "MUST send `init` as the first Lightning message for any connection."
      return step(
        { phase: 'greeting', deadline: env.now + env.timing.greetingMs, held: [] },
        { tag: 'send', message: ourInit(env) },
      );
    case 'message':
      return onMessage(state, event.message, env);
    case 'send':
      return onSend(state, event.message);
    case 'tick':
      return onTick(state, env);
    case 'probe':
      return onProbe(state, env);
    case 'close':
      return close(event.reason);
    default:
      return unreachable(event);
  }
}

function onSend(state: SessionState, message: WireMessage): SessionStep {
  // BOLT 1 §init: "MUST wait to receive `init` before sending any other messages."
  if (state.phase === 'greeting') return step({ ...state, held: [...state.held, message] });
  return state.phase === 'ready' ? step(state, { tag: 'send', message }) : step(state);
}
