/** Why the chain could not be asked. Codes of the Node API, so that they pass through as they are. */
export type ChainRefusal =
  /** No server gave a usable answer. */
  | { readonly code: 'chain-unreachable' }
  /** Servers contradict each other and nothing that we can check decides between them. */
  | { readonly code: 'chain-disputed'; readonly detail: string };

export const UNREACHABLE: ChainRefusal = { code: 'chain-unreachable' };
