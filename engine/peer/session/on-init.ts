import type { Init } from '../../wire/connection.ts';
import { combined, missingDependency, unmetRequirement } from '../../wire/features.ts';
import { refuse } from './close.ts';
import { fullAllowance } from './on-ping.ts';
import { step, type SessionEnv, type SessionState, type SessionStep } from './state.ts';

type Greeting = Extract<SessionState, { readonly phase: 'greeting' }>;

/** What we say first. */
export function ourInit(env: SessionEnv): Init {
  return {
    name: 'init',
    // BOLT 1 §init: "SHOULD NOT set features greater than 13 in `globalfeatures`": whatever is said there, `features` says too.
    globalFeatures: new Uint8Array(0),
    features: env.features,
    // "SHOULD set `networks` to all chains it will gossip or open channels for."
    networks: env.chains,
    ...(env.remoteAddress === null ? {} : { remoteAddress: env.remoteAddress }),
  };
}

export function onInit(state: Greeting, init: Init, env: SessionEnv): SessionStep {
  // BOLT 1 §init: "MUST combine (bitwise OR) the two feature bitmaps into one logical `features` map."
  const features = combined(init.globalFeatures, init.features);

  const bit = unmetRequirement(features, env.features);
  if (bit !== null)
    return refuse(
      'incompatible',
      'BOLT 1 §init: "upon receiving unknown even feature bits that are non-zero: MUST close the connection."',
      `feature bit ${bit} is required and not supported here`,
    );

  const missing = missingDependency(features);
  if (missing !== null)
    return refuse(
      'incompatible',
      'BOLT 1 §init: "if the feature vector does not set all known, transitive dependencies: MUST close the connection."',
      `${missing.feature} is set without ${missing.needs}`,
    );

  if (init.networks !== undefined && !init.networks.some((chain) => env.chains.includes(chain)))
    return refuse(
      'incompatible',
      'BOLT 1 §init: "upon receiving `networks` containing no common chains MAY close the connection."',
      'no chain in common',
    );

  const remoteInit: Init = { ...init, globalFeatures: new Uint8Array(0), features };
  return step(
    {
      phase: 'ready',
      remoteInit,
      liveness: { heardAt: env.now, pinged: null },
      pingAllowance: fullAllowance(env.now),
    },
    { tag: 'ready', remoteInit },
    ...state.held.map((message) => ({ tag: 'send', message }) as const),
  );
}
