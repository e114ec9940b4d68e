/** BIP 84 and BIP 86: the two kinds of address that the wallet makes. */
export type ScriptKind = 'p2wpkh' | 'p2tr';
/** Addresses for others to pay to, and for our own change. */
export type Branch = 'receive' | 'change';
/** Where an address of ours comes from: m/purpose'/coin'/0'/branch/index. */
export type KeyOrigin = { readonly kind: ScriptKind; readonly branch: Branch; readonly index: number };

export const SCRIPT_KINDS: readonly ScriptKind[] = ['p2wpkh', 'p2tr'];
export const BRANCHES: readonly Branch[] = ['receive', 'change'];
export const ACCOUNT_PURPOSE: Readonly<Record<ScriptKind, number>> = { p2wpkh: 84, p2tr: 86 };
export const BRANCH_NUMBER: Readonly<Record<Branch, number>> = { receive: 0, change: 1 };
