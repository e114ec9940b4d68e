import { ADDRESS, never, no, WORDS } from '../../../web/testkit/fake-wallet.ts';
import { NOW } from '../../../web/testkit/snapshots.ts';
import { open, wallet, type Scene } from '../scene.ts';
import { everyday } from '../wallets.ts';

const none = (service = {}) => wallet({ state: { tag: 'none' }, service });
const created = { 'draft/create': { network: 'regtest', agreed: false } };
const had = { 'had-wallet': { here: true, erasing: false, network: 'mainnet' } };
const toMainnet = { 'draft/restore': { network: 'regtest', agreed: false } };

export const firstRun: readonly Scene[] = [
  { name: 'welcome', hash: '#/setup', scenario: () => none() },
  {
    name: 'create',
    hash: '#/setup/create',
    scenario: () => none(),
    steps: (page) => page.getByRole('radio').first().waitFor(),
  },
  {
    name: 'create-mainnet',
    hash: '#/setup/create',
    scenario: () => none(),
    steps: async (page) => {
      await page.getByRole('radio', { name: 'Bitcoin' }).check();
      await page.getByRole('button', { name: 'Continue' }).click();
    },
  },
  {
    name: 'create-failing',
    hash: '#/setup/lock',
    kept: created,
    scenario: () => none({ create: () => no({ code: 'storage-failed', detail: 'QuotaExceededError' }) }),
    steps: async (page) => {
      await page.getByRole('radio', { name: 'No lock' }).check();
      await page.getByRole('button', { name: 'Create wallet' }).click();
      await page.locator('summary', { hasText: 'Details' }).click();
    },
  },
  { name: 'lock', hash: '#/setup/lock', kept: created, scenario: () => none() },
  {
    name: 'lock-short',
    hash: '#/setup/lock',
    kept: created,
    scenario: () => none(),
    steps: async (page) => {
      await page.getByLabel('New passphrase').fill('short');
      await page.getByRole('button', { name: 'Show' }).first().click();
      await page.getByRole('button', { name: 'Create wallet' }).click();
    },
  },
  {
    name: 'lock-passkey',
    hash: '#/setup/lock',
    kept: created,
    scenario: () => none(),
    steps: (page) => page.getByRole('radio', { name: 'Passkey' }).check(),
  },
  {
    name: 'lock-none',
    hash: '#/setup/lock',
    kept: created,
    scenario: () => none(),
    steps: (page) => page.getByRole('radio', { name: 'No lock' }).check(),
  },
  { name: 'words', hash: '#/setup/words', scenario: () => wallet({ state: open(false) }) },
  {
    name: 'words-loading',
    hash: '#/setup/words',
    scenario: () => wallet({ state: open(false), service: { revealWords: never } }),
    // Nobody says that they wrote down what is not there yet.
    steps: (page) => page.locator('a[aria-disabled=true]', { hasText: 'I wrote them down' }).waitFor(),
  },
  {
    name: 'words-proof',
    hash: '#/setup/words',
    scenario: () =>
      wallet({ state: open(false), service: { revealWords: () => no({ code: 'proof-needed' }) } }),
  },
  {
    name: 'check',
    hash: '#/setup/check',
    scenario: () => wallet({ state: open(false) }),
    steps: (page) => page.getByRole('textbox').first().waitFor(),
  },
  {
    name: 'check-wrong',
    hash: '#/setup/check',
    scenario: () => wallet({ state: open(false) }),
    steps: async (page) => {
      await page.getByRole('textbox').first().fill('zebra');
      await page.getByRole('button', { name: 'Check' }).click();
    },
  },
  { name: 'restore', hash: '#/setup/restore', scenario: () => none() },
  { name: 'restore-words', hash: '#/setup/restore/words', scenario: () => none(), kept: toMainnet },
  {
    name: 'restore-words-unknown',
    hash: '#/setup/restore/words',
    scenario: () => none({ checkWords: () => no({ code: 'words-unknown', position: 3, word: 'thunk' }) }),
    kept: toMainnet,
    steps: async (page) => {
      await page.getByRole('textbox').fill(WORDS.join(' '));
      await page.getByRole('button', { name: 'Continue' }).click();
    },
  },
  {
    name: 'restore-scanning',
    hash: '#/setup/restore/words',
    scenario: () =>
      none({
        restore: (
          _words: readonly string[],
          _network: string,
          onProgress?: (progress: { addressesChecked: number; foundSat: bigint }) => void,
        ) => {
          onProgress?.({ addressesChecked: 87, foundSat: 1_204_500n });
          return never();
        },
      }),
    kept: toMainnet,
    steps: async (page) => {
      await page.getByRole('textbox').fill(WORDS.join(' '));
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('radio', { name: 'No lock' }).check();
      await page.getByRole('button', { name: 'Restore wallet' }).click();
    },
  },
  {
    name: 'elsewhere',
    hash: '#/',
    scenario: () => everyday({ state: { tag: 'elsewhere', holder: 'open' } }),
  },
  {
    name: 'elsewhere-other-build',
    hash: '#/',
    scenario: () => everyday({ state: { tag: 'elsewhere', holder: 'other-build' } }),
  },
  {
    name: 'elsewhere-failing',
    hash: '#/',
    scenario: () =>
      wallet({
        state: { tag: 'elsewhere', holder: null },
        service: { takeOver: () => no({ code: 'timed-out', waitingFor: 'the other tab' }) },
      }),
    steps: (page) => page.getByRole('button', { name: 'Use here' }).click(),
  },
  {
    name: 'not-started',
    hash: '#/',
    scenario: () => wallet({ service: { watchState: () => Promise.reject(new Error('no engine')) } }),
  },
  {
    name: 'unreadable',
    hash: '#/',
    scenario: () =>
      wallet({
        state: { tag: 'unreadable', code: 'storage-failed', detail: 'UnknownError: internal error' },
      }),
  },
  {
    name: 'unreadable-full',
    hash: '#/',
    scenario: () =>
      wallet({ state: { tag: 'unreadable', code: 'storage-full', detail: 'QuotaExceededError' } }),
  },
  {
    name: 'unreadable-blocked',
    hash: '#/',
    scenario: () =>
      wallet({
        state: { tag: 'unreadable', code: 'storage-blocked', detail: 'another tab keeps the database open' },
      }),
  },
  {
    name: 'unreadable-lost',
    hash: '#/',
    scenario: () =>
      wallet({
        state: { tag: 'unreadable', code: 'storage-lost', detail: 'the browser closed the database' },
      }),
  },
  {
    name: 'unreadable-corrupt',
    hash: '#/',
    scenario: () =>
      wallet({
        state: { tag: 'unreadable', code: 'storage-corrupt', detail: 'htlc: changed since it was written' },
      }),
  },
  {
    name: 'unreadable-newer',
    hash: '#/',
    scenario: () =>
      wallet({ state: { tag: 'unreadable', code: 'storage-too-new', detail: `version 4 at ${NOW}` } }),
  },
  { name: 'gone', hash: '#/', onDevice: had, scenario: () => none() },
  {
    name: 'gone-anew',
    hash: '#/',
    onDevice: had,
    scenario: () => none(),
    steps: async (page) => {
      await page.getByRole('button', { name: 'Begin with a new wallet' }).click();
      await page.getByRole('textbox').fill('new');
    },
  },
  { name: 'not-found', hash: `#/nowhere/${ADDRESS}`, scenario: () => wallet() },
  {
    name: 'worker-gone',
    hash: '#/',
    scenario: () =>
      wallet({ service: { watchState: () => Promise.reject(new Error('the worker did not start')) } }),
  },
];
