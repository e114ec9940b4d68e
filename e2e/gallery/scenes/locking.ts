import type { LockWays } from '../../../engine/node/lock-api.ts';
import type { WalletState } from '../../../engine/node/service-api.ts';
import { never, no } from '../../../web/testkit/fake-wallet.ts';
import { NOW } from '../../../web/testkit/snapshots.ts';
import { open, wallet, type Scene } from '../scene.ts';

const passkey = (number: number): LockWays['passkeys'][number] => ({
  credentialId: new Uint8Array(16).fill(number),
  prfSalt: new Uint8Array(32),
  label: `Passkey of ${number} Nov 2026, 10:00`,
  createdAt: NOW,
});
const phrase: LockWays = { passphrase: true, passkeys: [] };
const both: LockWays = { passphrase: true, passkeys: [passkey(1), passkey(2)] };
const off: LockWays = { passphrase: false, passkeys: [] };

const locked = (ways: LockWays, running = false): WalletState => ({ tag: 'locked', ways, running });
const openWith = (lock: LockWays): WalletState => {
  const state = open();
  return state.tag === 'open' ? { ...state, lock } : state;
};

export const locking: readonly Scene[] = [
  { name: 'locked', hash: '#/', scenario: () => wallet({ state: locked(phrase) }) },
  { name: 'locked-running', hash: '#/send', scenario: () => wallet({ state: locked(both, true) }) },
  {
    name: 'locked-passkey',
    hash: '#/',
    scenario: () => wallet({ state: locked({ passphrase: false, passkeys: [passkey(1)] }) }),
  },
  {
    name: 'locked-wrong',
    hash: '#/',
    scenario: () => wallet({ state: locked(phrase) }),
    steps: async (page) => {
      await page.getByLabel('Your passphrase').fill('not this one');
      await page.getByRole('button', { name: 'Unlock', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'locked-opening',
    hash: '#/',
    scenario: () =>
      wallet({
        state: locked(phrase),
        service: {
          lock: { now: never, unlock: never, change: never, setIdle: never },
        },
      }),
    steps: async (page) => {
      await page.getByLabel('Your passphrase').fill('this one it is');
      await page.getByRole('button', { name: 'Unlock', exact: true }).click();
    },
  },
  {
    name: 'locked-forgotten',
    hash: '#/',
    scenario: () => wallet({ state: locked(phrase) }),
    steps: (page) => page.getByRole('button', { name: 'I cannot unlock it' }).click(),
  },
  { name: 'settings-lock', hash: '#/settings/lock', scenario: () => wallet({ state: openWith(both) }) },
  { name: 'settings-lock-off', hash: '#/settings/lock', scenario: () => wallet({ state: openWith(off) }) },
  {
    name: 'settings-lock-change',
    hash: '#/settings/lock?sheet=set-passphrase',
    scenario: () =>
      wallet({
        state: openWith(both),
        service: {
          lock: {
            now: never,
            unlock: never,
            change: () => no({ code: 'wrong-passphrase' }),
            setIdle: never,
          },
        },
      }),
    steps: async (page) => {
      await page.getByLabel('New passphrase').fill('a long passphrase');
      await page.getByLabel('The same again').fill('a long passphrase');
      await page.getByLabel('Present passphrase').fill('not this one');
      await page.getByRole('button', { name: 'Change passphrase' }).last().click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'settings-lock-none',
    hash: '#/settings/lock?sheet=remove-all',
    scenario: () => wallet({ state: openWith(phrase) }),
  },
];
