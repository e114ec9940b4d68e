import { fileURLToPath } from 'node:url';
import { STORE_CONTRACT } from '../../engine/testkit/store-contract.ts';
import type { ContractPage } from './store/contract-page.ts';
import { bundle } from './stage/bundle.ts';
import { expect, test } from './stage/test.ts';

const ENTRY = fileURLToPath(new URL('store/contract-page.ts', import.meta.url));

test('the store keeps its contract in the browser’s own IndexedDB', async ({ device, site }) => {
  const page = await device.context.newPage();
  // The app's origin without the app.
  const empty = `${site.url}/empty.html`;
  await page.route(empty, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,"><title>Store</title>' }),
  );
  await page.goto(empty);
  await page.evaluate(await bundle(ENTRY));
  const names = await page.evaluate(
    () => (globalThis as unknown as { contract: ContractPage }).contract.names,
  );
  expect(names).toEqual(STORE_CONTRACT.map(({ name }) => name));
  expect(names.length).toBeGreaterThan(0);
  for (const [index, name] of names.entries()) {
    await test.step(name, () =>
      page.evaluate((at) => (globalThis as unknown as { contract: ContractPage }).contract.run(at), index),
    );
  }
});
