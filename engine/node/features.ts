import { DEFAULT_FEATURES, featuresFor } from '../wire/features.ts';

/**
 * What we say in `init`: what the engine really does, and no more, but for one.
 * DIVERGES from BOLT 7 §Query Messages "Not offering this feature means a node is not worth querying for gossip": we keep
 * nobody else's signed messages and answer for our own channels alone, and offer `gossip_queries` nevertheless. LND and
 * LDK send their gossip to nobody who does not offer it when asked for it, and to everybody else without being asked.
 */
export const FEATURES: Uint8Array = featuresFor('I', { ...DEFAULT_FEATURES, gossip_queries: 'optional' });
