import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { STORE_CONTRACT } from '../../engine/testkit/store-contract.ts';
import type { ContractPage } from './store/contract-page.ts';
import { expect, test } from './stage/test.ts';

const ENTRY = fileURLToPath(new URL('store/contract-page.ts', import.meta.url));

/** The contract and the store as one classic script. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2023',
      lib: { entry: ENTRY, formats: ['iife'], name: 'page', fileName: 'contract' },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  const chunk = output !== undefined && 'output' in output ? output.output[0] : undefined;
  if (chunk === undefined) throw new Error('nothing was built');
  return chunk.code;
}

test('the store keeps its contract in the browser’s own IndexedDB', async ({ device, site }) => {
  const page = await device.context.newPage();
  // The app's origin without the app.
  const empty = `${site.url}/empty.html`;
  await page.route(empty, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,"><title>Store</title>' }),
  );
  await page.goto(empty);
  await page.evaluate(await bundle());
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
