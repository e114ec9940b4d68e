import { expect, it } from 'vitest';
import { readLsps } from './lsps-draft.ts';

const lsp = { nodeId: '02ab', alias: 'Shop', host: 'a.test', port: 9735, token: null, trusted: false };

it('reads what was kept, an empty list too', () => {
  const list = [lsp, { ...lsp, token: 'of-a-friend', trusted: true }];
  expect(readLsps(JSON.stringify(list))).toEqual(list);
  expect(readLsps('[]')).toEqual([]);
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
  expect(readLsps(text)).toBeNull();
});
