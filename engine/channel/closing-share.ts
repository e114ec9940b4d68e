import { unreachable } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { msatToSat, sat, type Sat } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import { formatOf } from '../commitment/formats.ts';
import type { Side } from '../commitment/params.ts';
import { remoteMainClaim } from '../commitment/remote-claims.ts';
import { commitmentCost, loadOf } from './ledger/load.ts';
import { LOCAL, REMOTE, SIGNED_REMOTE, type View } from './ledger/view.ts';
import { commitmentParams, formatIdOf } from './params.ts';
import type { Core, Durable, SpendKind } from './state.ts';

/** What the transaction that spends the funding output pays us beside HTLCs; before it is known, our commitment's. */
export function mainOutputOf(channel: Durable, tx: Tx | null, kind: SpendKind): Sat {
  const { params, ledger, active } = channel;
  const [{ funding }] = active;
  switch (kind) {
    case 'mutual': {
      if (tx === null) return sat(0);
      const own = saidScript(channel);
      // Who pays for it is the opener, or with closing_complete whoever offered it: what is ours went where we said.
      const found = tx.outputs.reduce(
        (sum, { amount, script }) => sum + (equalBytes(script, own) ? amount : 0n),
        0n,
      );
      if (found > 0n || params.local.shutdownScript.length > 0) return sat(found);
      const [ours, theirs] = [ledger.local / 1000n, ledger.remote / 1000n];
      if (params.opener === 'remote' && hasOutput(tx, ours)) return sat(ours);
      // What the peer does not get is ours: the fee holds what rounding left over as well.
      const paid = tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
      if (hasOutput(tx, theirs)) return sat(paid - theirs);
      if (hasOutput(tx, ours)) return sat(ours);
      return params.opener === 'remote' ? sat(0) : sat(paid);
    }
    case 'local':
      return inCommitment(channel, tx, 'local', LOCAL);
    case 'remote':
      return inCommitment(channel, tx, 'remote', REMOTE);
    case 'remote-next':
      return inCommitment(channel, tx, 'remote', SIGNED_REMOTE);
    case 'revoked':
    case 'unknown':
      return (tx && remoteMainClaim(commitmentParams(params, funding), tx)?.amount) ?? sat(0);
    default:
      return unreachable(kind);
  }
}

/** Where our shutdown had it paid to: with the opening, or since. Empty where that is not known any more. */
function saidScript(channel: Durable): Uint8Array {
  const { shutdownScript } = channel.params.local;
  if (shutdownScript.length > 0) return shutdownScript;
  switch (channel.phase) {
    case 'negotiating':
      return channel.localScript;
    case 'closing':
      return channel.talk?.localScript ?? shutdownScript;
    case 'closed':
      return channel.past?.talk?.localScript ?? shutdownScript;
    default:
      return shutdownScript;
  }
}

/**
 * What that transaction costs us: as opener its fee and its anchors, and ours that is too small for an output. Payments
 * under way cost nothing here: their outputs are claimed, or come back.
 */
export function closingCostOf(channel: Durable, tx: Tx | null, kind: SpendKind): Sat {
  const { params, ledger, active } = channel;
  const share = (owner: Side, view: View): Sat =>
    difference(loadOf(params, ledger, owner, view).toLocal / 1000n, mainOutputOf(channel, tx, kind));
  switch (kind) {
    case 'mutual':
      return tx === null ? sat(0) : difference(msatToSat(ledger.local), mainOutputOf(channel, tx, kind));
    case 'local':
      return share('local', LOCAL);
    case 'remote':
      return share('remote', REMOTE);
    case 'remote-next':
      return share('remote', SIGNED_REMOTE);
    case 'revoked':
    case 'unknown': {
      // Of another state than ours: what it left out is known only for the whole.
      if (tx === null || params.opener === 'remote') return sat(0);
      // An anchor is there for each side that has something in it; what the other would have had went to the fee.
      const anchor = formatOf(formatIdOf(params)).anchorCost / 2n;
      const paid = tx.outputs.reduce((sum, { amount }) => (amount === anchor ? sum : sum + amount), 0n);
      return difference(active[0].funding.amount, paid);
    }
    default:
      return unreachable(kind);
  }
}

const difference = (from: bigint, less: bigint): Sat => sat(from > less ? from - less : 0n);

const hasOutput = (tx: Tx, amount: bigint): boolean => tx.outputs.some((output) => output.amount === amount);

function inCommitment({ params, ledger }: Core, tx: Tx | null, owner: Side, view: View): Sat {
  const load = loadOf(params, ledger, owner, view);
  const cost = params.opener === 'local' ? commitmentCost(params, load.feerate, load.untrimmed) : 0n;
  return present(tx, load.toLocal / 1000n - cost / 1000n);
}

/** Zero for an output that was left out because it is dust. */
const present = (tx: Tx | null, amount: bigint): Sat =>
  amount > 0n && (tx === null || tx.outputs.some((output) => output.amount === amount))
    ? sat(amount)
    : sat(0);
