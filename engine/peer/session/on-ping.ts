import type { Ping } from '../../wire/connection.ts';
import { refuse } from './close.ts';
import {
  step,
  type Allowance,
  type Milliseconds,
  type Ready,
  type SessionEnv,
  type SessionStep,
} from './state.ts';

/** Pings at once; LDK sends one after every few messages, as a fence. */
const BURST = 100;
const PER_SECOND = 5;

export const fullAllowance = (now: Milliseconds): Allowance => ({ left: BURST, at: now });

export function onPing(state: Ready, ping: Ping, env: SessionEnv): SessionStep {
  // BOLT 1 §ping: "Limited precautions are recommended against ping flooding, however some latitude is given"
  const refilled = ((env.now - state.pingAllowance.at) / 1000) * PER_SECOND;
  const left = Math.min(BURST, state.pingAllowance.left + refilled) - 1;
  if (left < 0)
    return refuse(
      'violation',
      'BOLT 1 §ping: "Limited precautions are recommended against ping flooding"',
      'too many pings',
    );
  const next: Ready = { ...state, pingAllowance: { left, at: env.now } };
  // "if `num_pong_bytes` is less than 65532: MUST respond by sending a `pong` message, with `byteslen` equal to
  // `num_pong_bytes`. Otherwise: MUST ignore the `ping`."
  if (ping.pongBytes >= 65_532) return step(next);
  // "SHOULD set `ignored` to 0s."
  return step(next, { tag: 'send', message: { name: 'pong', ignored: new Uint8Array(ping.pongBytes) } });
}
