// What runs in the page of store-contract.test.ts: each check of the contract over a database of its own.
import { deleteIndexedDbStore, openIndexedDbStore } from '../../../engine/platform/indexeddb-store.ts';
import type { Store } from '../../../engine/storage/store.ts';
import { STORE_CONTRACT } from '../../../engine/testkit/store-contract.ts';

export type ContractPage = {
  readonly names: readonly string[];
  /** Resolves when the check holds, rejects with what does not. */
  readonly run: (index: number) => Promise<void>;
};

async function run(index: number): Promise<void> {
  const check = STORE_CONTRACT[index];
  if (check === undefined) throw new Error(`no check ${index}`);
  const name = `contract-${index}`;
  const open = async (): Promise<Store> => {
    const opened = await openIndexedDbStore(name);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    return opened.value;
  };
  let store = await open();
  const reopen = async (): Promise<Store> => {
    await store.close();
    store = await open();
    return store;
  };
  try {
    await check.run({ store, reopen });
  } finally {
    await store.close();
    await deleteIndexedDbStore(name);
  }
}

const contract: ContractPage = { names: STORE_CONTRACT.map(({ name }) => name), run };
Object.assign(globalThis, { contract });
