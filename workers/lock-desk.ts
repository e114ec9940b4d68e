import { err, ok, type Result } from '../engine/base/result.ts';
import { put } from '../engine/base/write.ts';
import { decode, encode } from '../engine/codec/field.ts';
import type { LockApi, Unlock } from '../engine/node/lock-api.ts';
import type { LeydenNode } from '../engine/node/node.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { WalletState } from '../engine/node/service-api.ts';
import type { Open } from './open-wallet.ts';
import { hasLock, type Vault } from './vault.ts';
import { runningState } from './wallet-disk.ts';
import { IDLE_KEY, IDLE_MINUTES, idleRecord } from './wallet-identity.ts';

type Done = Result<void, Refusal>;

/** What the desk needs of the host that it stands in. */
export type LockDeskHost = {
  readonly inTurn: <T>(run: () => Promise<T>) => Promise<T>;
  readonly open: () => Open | null;
  readonly state: () => WalletState | null;
  /** Why nothing private is answered now. */
  readonly refusal: () => Refusal;
  readonly unlock: (open: Open, by: Unlock) => Promise<Done>;
  readonly onNode: (node: LeydenNode | null) => void;
  readonly tell: (state: WalletState) => void;
};

/** A day at most: who wants longer wants never. */
const MOST_MINUTES = 1_440;

export function lockDesk(host: LockDeskHost): LockApi {
  /** Null: closed, or locked. */
  const shown = (): { readonly vault: Vault; readonly wallet: NonNullable<Open['wallet']> } | null => {
    const { vault, wallet } = host.open() ?? { vault: null, wallet: null };
    return vault === null || wallet === null || wallet.hidden ? null : { vault, wallet };
  };
  return {
    now: () =>
      host.inTurn((): Promise<Done> => {
        const open = shown();
        if (open === null) return Promise.resolve(err(host.refusal()));
        const { vault, wallet } = open;
        if (!hasLock(vault.ways)) return Promise.resolve(err({ code: 'no-lock' }));
        wallet.hidden = true;
        wallet.provenUntilMs = 0;
        host.onNode(null);
        host.tell(runningState(wallet, vault));
        return Promise.resolve(ok(undefined));
      }),
    unlock: (by) =>
      host.inTurn(async () => {
        const open = host.open();
        if (open === null) return err({ code: 'open-elsewhere' });
        if (host.state()?.tag !== 'locked') return ok(undefined);
        if (open.vault === null) return host.unlock(open, by);
        const verified = await open.vault.verify(by);
        if (!verified.ok || open.wallet === null) return verified;
        open.wallet.hidden = false;
        host.onNode(open.wallet.node);
        host.tell(runningState(open.wallet, open.vault));
        return ok(undefined);
      }),
    change: (change, proof) =>
      host.inTurn(async () => {
        const open = shown();
        if (open === null) return err(host.refusal());
        const { vault, wallet } = open;
        if (hasLock(vault.ways)) {
          if (proof === null) return err({ code: 'locked' });
          const verified = await vault.verify(proof);
          if (!verified.ok) return verified;
        }
        const changed = await vault.change(change);
        if (changed.ok) host.tell(runningState(wallet, vault));
        return changed;
      }),
    setIdle: (minutes) =>
      host.inTurn(async () => {
        const open = shown();
        if (open === null) return err(host.refusal());
        const { vault, wallet } = open;
        const kept = Math.max(0, Math.min(MOST_MINUTES, Math.floor(minutes ?? 0) || 0));
        const saved = await vault.save([put('meta', IDLE_KEY, encode(idleRecord, { minutes: kept }))]);
        if (!saved.ok) return saved;
        wallet.idleMinutes = kept === 0 ? null : kept;
        host.tell(runningState(wallet, vault));
        return ok(undefined);
      }),
  };
}

export function idleMinutesOf(stored: Uint8Array | null): number | null {
  const idle = stored === null ? null : decode(idleRecord, stored);
  if (idle?.ok !== true) return IDLE_MINUTES;
  return idle.value.minutes === 0 ? null : idle.value.minutes;
}
