import { describe, expect, it } from 'vitest';
import { readNodeUri } from './node-uri.ts';

const id = `02${'ab'.repeat(32)}`;

describe('node addresses', () => {
  it.each([
    [`${id}@127.0.0.1:9735`, { nodeId: id, host: '127.0.0.1', port: 9735 }],
    [` ${id.toUpperCase()}@node.example `, { nodeId: id, host: 'node.example', port: 9735 }],
    [`${id}@[::1]:19735`, { nodeId: id, host: '::1', port: 19_735 }],
    [`${id}@2001:db8::1:9736`, { nodeId: id, host: '2001:db8::1', port: 9736 }],
  ])('reads %s', (text, node) => {
    expect(readNodeUri(text)).toEqual({ state: 'node', node });
  });

  it.each([
    ['', { state: 'empty' }],
    [id, { state: 'wrong', why: 'no-host' }],
    [`${id}@host:0`, { state: 'wrong', why: 'no-host' }],
    [`${id}@host:65536`, { state: 'wrong', why: 'no-host' }],
    [`${id}@ho:st:1`, { state: 'wrong', why: 'not-a-node' }],
    [`${id}@ho st`, { state: 'wrong', why: 'not-a-node' }],
    [`04${'ab'.repeat(32)}@host`, { state: 'wrong', why: 'not-a-node' }],
    ['lnbc1…', { state: 'wrong', why: 'not-a-node' }],
    ['💥'.repeat(100_000), { state: 'wrong', why: 'not-a-node' }],
  ])('refuses %.20s', (text, expected) => {
    expect(readNodeUri(text)).toEqual(expected);
  });
});
