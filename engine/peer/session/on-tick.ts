import { unreachable } from '../../base/assert.ts';
import { close } from './close.ts';
import {
  step,
  type Milliseconds,
  type Ready,
  type SessionEnv,
  type SessionState,
  type SessionStep,
} from './state.ts';

/** Any length would do; no answer leaks nothing and costs little. */
const PONG_BYTES = 8;

/** When the session wants to hear a tick; null when never. A tick too early does nothing. */
export function nextTickAt(state: SessionState, env: Pick<SessionEnv, 'timing'>): Milliseconds | null {
  switch (state.phase) {
    case 'handshaking':
    case 'greeting':
      return state.deadline;
    case 'ready':
      return state.liveness.pinged === null
        ? state.liveness.heardAt + env.timing.pingAfterMs
        : state.liveness.pinged.at + state.liveness.pinged.patience;
    case 'closed':
      return null;
    default:
      return unreachable(state);
  }
}

export function onTick(state: SessionState, env: SessionEnv): SessionStep {
  const due = nextTickAt(state, env);
  if (due === null || env.now < due) return step(state);
  switch (state.phase) {
    case 'handshaking':
      return close({ code: 'silent', waitingFor: 'handshake' });
    case 'greeting':
      return close({ code: 'silent', waitingFor: 'init' });
    case 'ready':
      // BOLT 1 §ping: "if it doesn't receive a corresponding `pong`: MAY close the network connection, and MUST NOT fail
      // the channels in this case."
      return state.liveness.pinged === null
        ? ping(state, env, env.timing.pongWithinMs)
        : close({ code: 'silent', waitingFor: 'pong' });
    case 'closed':
      return step(state);
    default:
      return unreachable(state);
  }
}

/** A ping now, unless one that is due sooner is out. */
export function onProbe(state: SessionState, env: SessionEnv): SessionStep {
  if (state.phase !== 'ready') return onTick(state, env);
  const { pinged } = state.liveness;
  const patience = env.timing.probeWithinMs;
  if (pinged === null) return ping(state, env, patience);
  if (pinged.at + pinged.patience <= env.now + patience) return onTick(state, env);
  return step({ ...state, liveness: { ...state.liveness, pinged: { at: env.now, patience } } });
}

function ping(state: Ready, env: SessionEnv, patience: Milliseconds): SessionStep {
  return step(
    { ...state, liveness: { ...state.liveness, pinged: { at: env.now, patience } } },
    // "SHOULD set `ignored` to 0s."
    { tag: 'send', message: { name: 'ping', pongBytes: PONG_BYTES, ignored: new Uint8Array(0) } },
  );
}
