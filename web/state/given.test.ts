import { expect, test } from 'vitest';
import { givenIn, withoutGiven } from './given.ts';

const PAGE = 'https://wallet.example/leyden/';

test('what a link or another program hands over', () => {
  const opened = (text: string): string | null => givenIn(`${PAGE}?open=${encodeURIComponent(text)}#/`);
  expect(opened('bitcoin:bc1qx?amount=0.1&lightning=LNBC1')).toBe('bitcoin:bc1qx?amount=0.1&lightning=LNBC1');
  for (const link of ['lightning:lnbc1x', 'web+lightning:lnbc1x', ' WEB+lightning:lnbc1x'])
    expect(opened(link)).toBe('lightning:lnbc1x');
  expect(givenIn(`${PAGE}?text=${encodeURIComponent('web+lightning:lnbc1x')}`)).toBe('lightning:lnbc1x');
  expect(givenIn(`${PAGE}?title=Pay&text=lnbc1x&url=`)).toBe('lnbc1x');
  expect(givenIn(`${PAGE}?title=&text=&url=${encodeURIComponent('lightning:lnbc1x')}`)).toBe(
    'lightning:lnbc1x',
  );
  for (const address of [PAGE, `${PAGE}?open=`, `${PAGE}?text=%20`, `${PAGE}?other=1#/send?open=x`])
    expect(givenIn(address)).toBe(null);
});

test('it stands in the address no longer than needed, and nothing else is taken out', () => {
  expect(withoutGiven(`${PAGE}?open=x&title=y&text=z&url=u#/send`)).toBe(`${PAGE}#/send`);
  expect(withoutGiven(`${PAGE}?keep=1&open=x#/`)).toBe(`${PAGE}?keep=1#/`);
  expect(withoutGiven(`${PAGE}?keep=1&keep=%26&${'open=x&'.repeat(5_000)}`)).toBe(`${PAGE}?keep=1&keep=%26`);
});
