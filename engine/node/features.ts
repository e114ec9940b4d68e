import { DEFAULT_FEATURES, featuresFor } from '../wire/features.ts';

/** What we say in `init`: what the engine really does, and no more. */
export const FEATURES: Uint8Array = featuresFor('I', DEFAULT_FEATURES);
