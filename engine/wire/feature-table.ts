/**
 * Where a feature is presented: I init, N node_announcement, C channel_announcement, C- the same but always optional,
 * C+ the same but always required, 9 BOLT 11 invoices, B a blinded path's allowed_features, T channel_type.
 */
export type FeatureContext = 'I' | 'N' | 'C' | 'C-' | 'C+' | '9' | 'B' | 'T';

type Feature = {
  /** The even bit; the odd one is the next. */
  readonly bit: number;
  readonly contexts: readonly FeatureContext[];
  readonly needs: readonly string[];
  /** BOLT 9: "Some features became so widespread they are `ASSUMED` to be present by all nodes". */
  readonly assumed: boolean;
};

const feature = (bit: number, contexts: readonly FeatureContext[], ...needs: readonly string[]): Feature => ({
  bit,
  contexts,
  needs,
  assumed: false,
});
/** The contexts are those of the revisions before it was assumed: peers still look for the bit there. */
const assumed = (bit: number, contexts: readonly FeatureContext[]): Feature => ({
  bit,
  contexts,
  needs: [],
  assumed: true,
});

const IN = ['I', 'N'] as const;
const IN9 = ['I', 'N', '9'] as const;
const INT = ['I', 'N', 'T'] as const;

/** BOLT 9, whole. */
export const FEATURES = {
  option_data_loss_protect: assumed(0, IN),
  option_upfront_shutdown_script: feature(4, IN),
  gossip_queries: feature(6, IN),
  var_onion_optin: assumed(8, IN9),
  gossip_queries_ex: feature(10, IN),
  option_static_remotekey: assumed(12, INT),
  payment_secret: assumed(14, IN9),
  basic_mpp: feature(16, IN9, 'payment_secret'),
  option_support_large_channel: feature(18, IN),
  option_anchors: feature(22, INT),
  option_route_blinding: feature(24, IN9),
  option_shutdown_anysegwit: feature(26, IN),
  option_dual_fund: feature(28, IN),
  option_quiesce: feature(34, IN),
  option_attribution_data: feature(36, IN9),
  option_onion_messages: feature(38, IN),
  option_provide_storage: feature(42, IN),
  option_channel_type: assumed(44, IN),
  option_scid_alias: feature(46, INT),
  option_payment_metadata: feature(48, ['9']),
  option_zeroconf: feature(50, INT, 'option_scid_alias'),
  option_simple_close: feature(60, IN, 'option_shutdown_anysegwit'),
  option_splice: feature(62, IN),
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof FEATURES;

export const FEATURE_NAMES = Object.keys(FEATURES) as readonly FeatureName[];

const needs: ReadonlyMap<FeatureName, readonly FeatureName[]> = new Map(
  FEATURE_NAMES.map((name) => [name, FEATURE_NAMES.filter((other) => FEATURES[name].needs.includes(other))]),
);

/** The features that `name` may not be set without. */
export const needsOf = (name: FeatureName): readonly FeatureName[] => needs.get(name) ?? [];
