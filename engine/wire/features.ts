import { FEATURE_NAMES, FEATURES, needsOf, type FeatureContext, type FeatureName } from './feature-table.ts';

// A feature vector is its bytes as they travel: big-endian, bit 0 the lowest of the last byte. Leading zeros count for
// nothing.

/** What we say of each feature that we support. */
export type FeatureSettings = Readonly<Partial<Record<FeatureName, 'optional' | 'required'>>>;

/**
 * What Leyden does by itself. A node adds what its configuration makes true. bLIP 50 §Lightning Feature Bit: "Clients MUST NOT set
 * `features` bit numbered 729 in either context."
 */
export const DEFAULT_FEATURES: FeatureSettings = {
  option_data_loss_protect: 'required',
  option_upfront_shutdown_script: 'optional',
  var_onion_optin: 'required',
  option_static_remotekey: 'required',
  payment_secret: 'required',
  basic_mpp: 'optional',
  option_anchors: 'optional',
  option_shutdown_anysegwit: 'optional',
  option_attribution_data: 'optional',
  option_onion_messages: 'optional',
  option_provide_storage: 'optional',
  option_channel_type: 'optional',
  option_scid_alias: 'optional',
  option_simple_close: 'optional',
  // Only for those whom the user trusts: see `trustsUnconfirmed` of engine/channel/env.ts.
  option_zeroconf: 'optional',
};

export const hasBit = (features: Uint8Array, bit: number): boolean =>
  (((features[features.length - 1 - (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1;

/** In rising order. */
export function bitsOf(features: Uint8Array): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 8 * features.length; bit++) if (hasBit(features, bit)) bits.push(bit);
  return bits;
}

/** The shortest vector with these bits. */
export function withBits(bits: readonly number[]): Uint8Array {
  const highest = bits.reduce((high, bit) => Math.max(high, bit), -1);
  const features = new Uint8Array((highest >> 3) + 1);
  for (const bit of bits) {
    const index = features.length - 1 - (bit >> 3);
    features[index] = (features[index] ?? 0) | (1 << (bit & 7));
  }
  return features;
}

/** Offered, as optional or as required. */
export const supports = (features: Uint8Array, name: FeatureName): boolean =>
  hasBit(features, FEATURES[name].bit) || hasBit(features, FEATURES[name].bit + 1);

/** BOLT 9: "if both the optional and the mandatory feature bits in a pair are set, the feature should be treated as mandatory." */
export const requires = (features: Uint8Array, name: FeatureName): boolean =>
  hasBit(features, FEATURES[name].bit);

/** BOLT 1: "if either both peers offered it, or the local node offered it as even". */
export const negotiated = (local: Uint8Array, remote: Uint8Array, name: FeatureName): boolean =>
  requires(local, name) || (supports(local, name) && supports(remote, name));

/** BOLT 1 §init: "MUST combine (bitwise OR) the two feature bitmaps into one logical `features` map." */
export function combined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  const both = long.slice();
  const ahead = long.length - short.length;
  for (const [index, byte] of short.entries()) both[ahead + index] = (both[ahead + index] ?? 0) | byte;
  const first = both.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array(0) : both.subarray(first);
}

/** Our features as we present them in `context`. Those that do not belong there are left out. */
export function featuresFor(context: FeatureContext, settings: FeatureSettings): Uint8Array {
  const shown = FEATURE_NAMES.filter((name) => FEATURES[name].contexts.some((one) => one === context));
  return withBits(
    shown.flatMap((name) => {
      const setting = settings[name];
      return setting === undefined ? [] : [FEATURES[name].bit + (setting === 'required' ? 0 : 1)];
    }),
  );
}

/**
 * The lowest bit that `theirs` requires and `ours` does not support; null when there is none. What BOLT 9 assumes of
 * everyone, and a wish to be asked for gossip, are always met.
 */
export function unmetRequirement(theirs: Uint8Array, ours: Uint8Array): number | null {
  const met = (bit: number): boolean => ALWAYS_MET.has(bit) || hasBit(ours, bit) || hasBit(ours, bit + 1);
  return bitsOf(theirs).find((bit) => bit % 2 === 0 && !met(bit)) ?? null;
}

const ALWAYS_MET: ReadonlySet<number> = new Set(
  FEATURE_NAMES.filter((name) => FEATURES[name].assumed || name === 'gossip_queries').map(
    (name) => FEATURES[name].bit,
  ),
);

/**
 * BOLT 1 §init: "if the feature vector does not set all known, transitive dependencies: MUST close the connection."
 * Answers the first that is missing. What BOLT 9 assumes of everyone counts as set.
 */
export function missingDependency(
  features: Uint8Array,
): { readonly feature: FeatureName; readonly needs: FeatureName } | null {
  for (const feature of FEATURE_NAMES) {
    if (!supports(features, feature)) continue;
    for (const needs of needsOf(feature))
      if (!FEATURES[needs].assumed && !supports(features, needs)) return { feature, needs };
  }
  return null;
}
