import { expect, it } from 'vitest';
import { isWebhook } from './lsps5.ts';
import { punycode } from './punycode.ts';
import { webhookUri } from './webhook-uri.ts';

// RFC 3492 §7.1.
it.each([
  ['Chinese', '他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
  ['Czech', 'pročprostěnemluvíčesky', 'proprostnemluvesky-uyb24dma41a'],
  ['Hebrew', 'למההםפשוטלאמדבריםעברית', '4dbcagdahymbxekheh6e0a7fei0b'],
  ['Russian', 'почемужеонинеговорятпорусски', 'b1abfaaepdrnnbgefbadotcwatmq2g4l'],
  ['with ASCII in it', '3年b組金八先生', '3b-ww4c5e180e575a65lsy2b'],
  ['far beyond', 'bücher😀', 'bcher-kva83980g'],
])('a label of a host in punycode: %s', (_, label, written) => {
  expect(punycode(label)).toBe(written);
});

// bLIP 55 §lsps5.set_webhook: "the client MUST convert the IRI to a URI first"
it('the address of a webhook in any script is given to the LSP as a URI', () => {
  // RFC 3987 §3.1: its examples.
  expect(webhookUri('http://résumé.example.org')).toBe('http://xn--rsum-bpad.example.org');
  expect(webhookUri('http://example.org/ros&#xE9;/é')).toBe('http://example.org/ros&#xE9;/%C3%A9');
  expect(webhookUri('https://реле.example:8443/путь?ключ=😀#é')).toBe(
    'https://xn--e1aars.example:8443/%D0%BF%D1%83%D1%82%D1%8C?%D0%BA%D0%BB%D1%8E%D1%87=%F0%9F%98%80#%C3%A9',
  );
  // Written with a mark of its own, with another full stop, in capitals.
  expect(webhookUri('https://RE\u0301LAIS。example/x')).toBe(webhookUri('https://rélais.example/x'));
  for (const iri of ['https://реле.example/путь', 'https://relay.example/ключ?ü'])
    expect([isWebhook(iri), isWebhook(webhookUri(iri))]).toEqual([false, true]);
  for (const asIs of [
    'https://relay.example/a%20b?c=%C3%A9',
    'nonsense',
    'é',
    'javascript:é',
    'https://a b/é',
  ])
    expect(webhookUri(asIs)).toBe(asIs);
});
