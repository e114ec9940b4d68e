// The parts of LND's answers that are looked at. 64-bit numbers come as strings.

export type LndInfo = {
  readonly identity_pubkey: string;
  readonly block_height: number;
  readonly synced_to_chain: boolean;
  readonly wallet_synced?: boolean;
};

export type LndChannel = {
  readonly active: boolean;
  readonly remote_pubkey: string;
  readonly channel_point: string;
  readonly chan_id: string;
  readonly capacity: string;
  readonly local_balance: string;
  readonly remote_balance: string;
  readonly commit_fee: string;
  readonly fee_per_kw: string;
  /** STATIC_REMOTE_KEY, ANCHORS and others. */
  readonly commitment_type: string;
  readonly initiator: boolean;
  readonly private: boolean;
  readonly pending_htlcs: readonly { readonly incoming: boolean }[];
  readonly zero_conf?: boolean;
  readonly alias_scids?: readonly string[];
};

export type LndPendingChannel = {
  readonly remote_node_pub: string;
  readonly channel_point: string;
  readonly capacity: string;
  readonly local_balance: string;
  /** INITIATOR_LOCAL or INITIATOR_REMOTE. */
  readonly initiator: string;
  readonly commitment_type: string;
  readonly private: boolean;
};

export type LndPayment = {
  /** SUCCEEDED, FAILED, or not yet either. */
  readonly status: string;
  readonly failure_reason: string;
  readonly payment_hash: string;
  readonly payment_preimage: string;
  readonly fee_msat: string;
  /** Each attempt; what a node answered to it, by the name that BOLT 4 has for it. */
  readonly htlcs?: readonly { readonly failure: { readonly code: string } | null }[];
};

export type LndEdge = {
  readonly channel_id: string;
  readonly node1_pub: string;
  readonly node1_policy: object | null;
  readonly node2_policy: object | null;
};
