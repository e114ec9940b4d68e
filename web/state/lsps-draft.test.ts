import { expect, it } from 'vitest';
import { readLsps, writeLsps } from './lsps-draft.ts';

const lsp = { nodeId: '02ab', alias: 'Shop', host: 'a.test', port: 9735, token: null, trusted: false };

const secret = { ...lsp, nodeId: '02cd', token: 'of-a-friend' };

it.each([
  ['trust changed', [lsp, { ...secret, trusted: true }]],
  ['a token typed', [{ ...lsp, token: 'new' }, secret]],
  ['a token taken away', [lsp, { ...secret, token: null }]],
  ['one added', [lsp, secret, { ...lsp, nodeId: '02ef' }]],
  ['all removed', []],
] as const)('reads what was kept: %s', (_what, list) => {
  const kept = writeLsps(list, [lsp, secret]);
  expect(readLsps(kept, [lsp, secret])).toEqual(list);
  // A token that is saved stays where the wallet has it, under its lock.
  expect(kept).not.toContain('of-a-friend');
});

it.each([
  null,
  '',
  '{',
  '{}',
  'null',
  '[null]',
  JSON.stringify([{ ...lsp, port: '9735' }]),
  JSON.stringify([lsp, { ...lsp, trusted: undefined }]),
])('takes %s for nothing kept', (text) => {
  expect(readLsps(text, [])).toBeNull();
});
