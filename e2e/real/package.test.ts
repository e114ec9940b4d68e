import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../install.mjs';
import { World } from '../world/world.ts';

// Leyden as another program has it: what `npm pack` packs, unpacked as its dependency.

const run = promisify(execFile);
const PATIENCE_MS = 240_000;
const WORDS = 'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about';

let world: World;
let program: string;

beforeAll(async () => {
  world = await World.start({ peers: [] });
  program = await mkdtemp(join(tmpdir(), 'leyden-package-'));
  const modules = join(program, 'node_modules');
  await mkdir(modules);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', program], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
  });
  // What the build says comes before it.
  const [{ filename }] = JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1)) as [{ filename: string }];
  await run('tar', ['-xzf', join(program, filename), '-C', modules]);
  await rename(join(modules, 'package'), join(modules, 'leyden'));
  // Its own dependencies: those that are here.
  for (const name of await readdir(join(ROOT, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  await writeFile(join(program, 'package.json'), JSON.stringify({ type: 'module' }));
}, PATIENCE_MS);
afterAll(async () => {
  await world?.stop();
  if (program !== undefined) await rm(program, { recursive: true, force: true });
});

test(
  'its three entries have types that a strict program is checked against',
  async () => {
    const source = `
      import type { NodeApi, NodeEvent } from 'leyden';
      import { buildNode } from 'leyden/node';
      import { connectWallet } from 'leyden/web';
      export async function balance(): Promise<bigint> {
        const built = await buildNode({ network: 'regtest', mnemonic: '', esplora: [] });
        if (!built.ok) throw new Error(built.error.code);
        const node: NodeApi = built.value;
        const event: NodeEvent | null = (await node.nextEvent())?.event ?? null;
        if (event?.tag === 'payment-received') return event.amountMsat;
        return (await node.listBalances()).totalMsat;
      }
      export const other = (): NodeApi => connectWallet().node;
      /** What has no types would be \`any\`, and fit everything. */
      type Known<T> = 0 extends 1 & T ? false : true;
      export const known: Known<NodeApi> & Known<ReturnType<typeof connectWallet>> = true;
    `;
    await writeFile(join(program, 'program.ts'), source);
    const checked = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--lib', 'es2023,dom'];
    const { stdout } = await run(
      process.execPath,
      [join(ROOT, 'node_modules/typescript/bin/tsc'), ...checked, '--module', 'nodenext', 'program.ts'],
      { cwd: program },
    ).catch((error: unknown) => error as { readonly stdout: string });
    expect(stdout).toBe('');
  },
  PATIENCE_MS,
);

test(
  'runs in plain Node.js: a node starts, finds the chain, has an address, signs and verifies',
  async () => {
    const source = `
      import { buildNode } from 'leyden/node';
      const ofTheCurve = [];
      const built = await buildNode({
        network: 'regtest',
        mnemonic: '${WORDS}',
        esplora: ['${world.esplora.url}'],
        log: (_level, area, text) => void (area === 'crypto' && ofTheCurve.push(text)),
      });
      if (!built.ok) throw new Error(built.error.code);
      const node = built.value;
      const started = await node.start();
      const synced = await node.sync();
      const address = await node.newAddress();
      const signed = await node.signMessage('hello');
      const verified = await node.verifySignature('hello', signed.value);
      const id = await node.nodeId();
      await node.stop();
      console.log(JSON.stringify({
        started: started.ok,
        tipHeight: synced.value.tipHeight,
        address: address.value.address,
        itself: verified.value.nodeId === id.value,
        ofTheCurve,
      }));
    `;
    await writeFile(join(program, 'program.mjs'), source);
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: program });
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(told).toMatchObject({ started: true, tipHeight: await world.chain.height(), itself: true });
    // Where its WebAssembly does not load, a node says so and goes on without.
    expect(told['ofTheCurve']).toEqual([]);
    expect(told['address']).toMatch(/^bcrt1/);
  },
  PATIENCE_MS,
);
