import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { instantiateSecp256k1 } from '../../platform/secp256k1-node.ts';
import { EXPORTED } from '../secp256k1-wasm-exports.ts';
import { isBuilt } from './build.mjs';
import { MODULE_SHA256 } from '../secp256k1-sha256.mjs';

const FILE = new URL('../../../node_modules/.cache/leyden-curve/secp256k1.wasm', import.meta.url);

it('is there in both forms, byte for byte the one that build.mjs names', () => {
  expect(isBuilt()).toBe(true);
});

it('is what a page takes, by its hash', async () => {
  const hash = createHash('sha256')
    .update(await readFile(FILE))
    .digest('hex');
  expect(hash).toBe(MODULE_SHA256);
});

it('imports nothing, and exports its memory and what we call', async () => {
  const module = await WebAssembly.compile(await readFile(FILE));
  expect(WebAssembly.Module.imports(module)).toEqual([]);
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  expect(exported.sort()).toEqual(['memory', ...Object.values(EXPORTED)].sort());
});

it('has memory that cannot grow', async () => {
  const { memory } = (await instantiateSecp256k1()) as { readonly memory: WebAssembly.Memory };
  expect(() => memory.grow(1)).toThrow(RangeError);
});

it('carries the notice of its authors', async () => {
  const module = await WebAssembly.compile(await readFile(FILE));
  const [notice = new ArrayBuffer(0)] = WebAssembly.Module.customSections(module, 'license');
  expect(new TextDecoder().decode(notice)).toContain('Copyright (c) 2013 Pieter Wuille');
});
