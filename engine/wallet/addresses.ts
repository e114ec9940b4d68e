import { assert } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import { addressOf } from '../bitcoin/address.ts';
import { scriptForm } from '../bitcoin/script-form.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { BRANCHES, SCRIPT_KINDS, type Branch, type KeyOrigin, type ScriptKind } from './key-origin.ts';
import { ledgerOf } from './ledger.ts';
import { deriveScript } from './own-script.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { Accounts, WalletScript, WalletState, WalletStep } from './wallet-state.ts';

/** A restore stops looking after so many unused addresses in a row (BIP 44 §Address gap limit). */
export const GAP_LIMIT = 20;

export type NewAddress = WalletStep & { readonly address: string; readonly script: WalletScript };

const scriptAt = (state: WalletState, origin: KeyOrigin, label: string): WalletScript => ({
  ...deriveScript(state.accounts.xpubs[origin.kind], origin),
  label,
});

const handedOut = (state: WalletState, kind: ScriptKind, branch: Branch): readonly WalletScript[] =>
  [...state.scripts.values()]
    .filter((script) => script.kind === kind && script.branch === branch)
    .sort((a, b) => a.index - b.index);

/** Keeps `script`, and that all before it were handed out. */
export function keepScript(draft: WalletDraft, script: WalletScript): void {
  const { kind, branch, index } = script;
  draft.putScript(script);
  const { accounts } = draft.state;
  if (index < accounts.next[kind][branch]) return;
  const next = { ...accounts.next, [kind]: { ...accounts.next[kind], [branch]: index + 1 } };
  draft.setAccounts({ ...accounts, next });
}

/** Those before it were handed out too, by whoever used the words before. */
export function useScript(draft: WalletDraft, { kind, branch, index }: KeyOrigin): void {
  for (let i = draft.state.accounts.next[kind][branch]; i <= index; i++)
    keepScript(draft, scriptAt(draft.state, { kind, branch, index: i }, ''));
}

/**
 * Another device of the same words hands out scripts that this one has not: what `tx` pays to the next of them, as far as a
 * restore would look, is ours. Only of what is proven to be made by whoever has the words. Whether there was one.
 */
export function useScriptsOf(draft: WalletDraft, { outputs }: Tx): boolean {
  let found = false;
  for (const { script } of outputs) {
    const key = toHex(script);
    const origin = draft.state.scripts.has(key) ? undefined : scriptsAhead(draft.state.accounts).get(key);
    if (origin === undefined) continue;
    useScript(draft, origin);
    found = true;
  }
  return found;
}

/** Derived once for each state of the accounts: eighty keys. */
const ahead = new WeakMap<Accounts, ReadonlyMap<string, KeyOrigin>>();

function scriptsAhead(accounts: Accounts): ReadonlyMap<string, KeyOrigin> {
  const known = ahead.get(accounts);
  if (known !== undefined) return known;
  const origins = SCRIPT_KINDS.flatMap((kind) =>
    BRANCHES.flatMap((branch) =>
      Array.from({ length: GAP_LIMIT }, (_, i) => ({
        kind,
        branch,
        index: accounts.next[kind][branch] + i,
      })),
    ),
  );
  const found = new Map(
    origins.map((origin) => [toHex(deriveScript(accounts.xpubs[origin.kind], origin).script), origin]),
  );
  ahead.set(accounts, found);
  return found;
}

/**
 * An address that was not given to anyone; but the oldest unused one again rather than one that a restore would not
 * find. P2WPKH unless asked otherwise: every sender and every Lightning peer can pay to it.
 */
export function newAddress(
  state: WalletState,
  { kind = 'p2wpkh', label }: { readonly kind?: ScriptKind; readonly label?: string } = {},
): NewAddress {
  const ledger = ledgerOf(state);
  const known = handedOut(state, kind, 'receive');
  const lastUsed = known.findLast(({ script }) => ledger.isUsed(script))?.index ?? -1;
  const unused = known.filter(({ index }) => index > lastUsed);
  const reused = unused.length >= GAP_LIMIT ? unused[0] : undefined;
  const index = state.accounts.next[kind].receive;
  const script = reused ?? scriptAt(state, { kind, branch: 'receive', index }, label ?? '');
  const draft = new WalletDraft(state);
  if (reused === undefined) keepScript(draft, script);
  else if (label !== undefined) draft.putScript({ ...reused, label });
  const address = addressOf(script.script, state.network);
  assert(address !== null, 'our scripts have addresses');
  return { ...draft.finish(), address, script };
}

/**
 * Where the change of a transaction goes: of the same kind as the scripts that it pays, so that it does not stand out;
 * the first that nothing was paid to. Not kept yet: `keepScript`.
 */
export function changeScript(state: WalletState, paid: readonly Uint8Array[]): WalletScript {
  const ledger = ledgerOf(state);
  const toTaproot = paid.every((script) => {
    const form = scriptForm(script);
    return form.tag === 'witness' && form.version === 1;
  });
  const kind = toTaproot ? 'p2tr' : 'p2wpkh';
  const free = handedOut(state, kind, 'change').find(({ script }) => !ledger.isUsed(script));
  const index = state.accounts.next[kind].change;
  return free ?? scriptAt(state, { kind, branch: 'change', index }, '');
}

/** `label` is the user's own, shown and never sent. */
export function labelAddress(state: WalletState, script: WalletScript, label: string): WalletStep {
  const draft = new WalletDraft(state);
  draft.putScript({ ...script, label });
  return draft.finish();
}
