import { expect, it } from 'vitest';
import { ok } from '../../base/result.ts';
import { psbtWhenAsked } from './psbt-when-asked.ts';

type Given = Parameters<typeof psbtWhenAsked>;

it('refuses while its part does not arrive, asks for it again, and then keeps it', async () => {
  let asked = 0;
  const released: string[] = [];
  const commands = {
    release: (txId: string) => {
      released.push(txId);
      return Promise.resolve(ok(undefined));
    },
  };
  const psbt = psbtWhenAsked({} as Given[0], {} as Given[1], () => {
    asked += 1;
    if (asked === 1) return Promise.reject(new TypeError('Failed to fetch'));
    return Promise.resolve({ psbtCommands: () => commands as unknown as ReturnType<typeof psbtWhenAsked> });
  });
  expect(await psbt.release('a')).toEqual({
    ok: false,
    error: { code: 'part-missing', detail: 'psbt: TypeError: Failed to fetch' },
  });
  expect(await psbt.release('b')).toEqual(ok(undefined));
  expect(await psbt.release('c')).toEqual(ok(undefined));
  expect({ asked, released }).toEqual({ asked: 2, released: ['b', 'c'] });
});
