/** What a server said that was proven wrong. `network`: it has the chain of another one. */
export type Lie = 'transaction' | 'proof' | 'block' | 'network';

/** Why a look at the chain did not learn all, or is not to be relied on. `server`: its address. */
export type ChainTrouble =
  /** No server answers. */
  | { readonly code: 'unreachable' }
  /** It asks for fewer questions. */
  | { readonly code: 'rate-limited'; readonly server: string }
  /** It answers, and not as a chain server does. */
  | { readonly code: 'broken'; readonly server: string }
  | { readonly code: 'false-answer'; readonly server: string; readonly lie: Lie }
  /** Servers show different chains, and nothing that can be checked decides between them: none is believed. */
  | { readonly code: 'disputed' }
  /** The newest block that any server shows is older than blocks ever are: Unix seconds of it. */
  | { readonly code: 'stale'; readonly blockAt: number }
  /** All was learnt, but servers are far apart about fee rates: one of them lies, or they see different mempools. */
  | { readonly code: 'fees-disputed' }
  /** All was learnt, but for hours no server has said what fees are: Unix seconds of when one did last. */
  | { readonly code: 'fees-unknown'; readonly since: number }
  /**
   * All was learnt, but of several servers one alone says what fees are. `held`: what they were before counts beside its
   * word, for an hour, and is old or far from it.
   */
  | { readonly code: 'fees-alone'; readonly server: string; readonly held: boolean };
