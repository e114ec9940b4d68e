import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsOf, isShallow, membersOf } from './json-text.ts';

const spaced = (value: unknown): string => JSON.stringify(value, null, '\t');

describe('pieces of JSON', () => {
  it('are what JSON.parse finds, for any object and any list', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.func(fc.boolean()), (object, isSpaced) => {
        const text = isSpaced(object) ? spaced(object) : JSON.stringify(object);
        const members = [...(membersOf(text) ?? [])].map(([name, json]) => [name, JSON.parse(json)] as const);
        expect(new Map(members)).toEqual(new Map(Object.entries(JSON.parse(text) as object)));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (list) => {
        expect(elementsOf(` ${spaced(list)}`)?.map((json) => JSON.parse(json) as unknown)).toEqual(
          JSON.parse(JSON.stringify(list)),
        );
      }),
    );
  });

  it('stay as they were written', () => {
    const text = '{ "a" : 1.0e4 , "\\u0062":"\\u0041}]\\"" ,"c":[ {"d":[]} , -0 ] }';
    expect([...(membersOf(text) ?? [])]).toEqual([
      ['a', '1.0e4'],
      ['b', '"\\u0041}]\\""'],
      ['c', '[ {"d":[]} , -0 ]'],
    ]);
    expect(elementsOf('[ {"d":[]} , -0 ]')).toEqual(['{"d":[]}', '-0']);
  });

  it('are not taken where a name comes twice, under another spelling too, or from what is none', () => {
    expect(membersOf('{"a":1,"\\u0061":2}')).toBeNull();
    expect(membersOf('[]')).toBeNull();
    expect(elementsOf('{}')).toBeNull();
  });

  it('are nested as deep as anybody needs', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(isShallow(nested(32))).toBe(true);
    expect(isShallow(nested(33))).toBe(false);
    expect(isShallow(`{"x":"${'['.repeat(99)}\\""}`)).toBe(true);
  });
});
