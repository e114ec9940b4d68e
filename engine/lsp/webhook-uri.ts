import { toHex } from '../base/bytes.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { punycode } from './punycode.ts';

const PARTS = /^(https?:\/\/)([^/?#\s]*?)(:\d{1,5})?([/?#].*)?$/iu;

/**
 * The address of a webhook as an LSP may be given it: the relay's may stand in any script. bLIP 55 §lsps5.set_webhook: "If the
 * client is configured to use an IRI […], the client MUST convert the IRI to a URI first, as specified in RFC 3987 Mapping of
 * IRIs to URIs." There, §3.1: the name of the host by ToASCII, all else that is not ASCII as the `%HH` of its UTF-8.
 * @returns what is in ASCII already, or no address at all, as it is
 */
export function webhookUri(iri: string): string {
  // U+0080 and beyond.
  if (!/[^\0-\x7f]/.test(iri)) return iri;
  const parts = PARTS.exec(iri.normalize('NFC'));
  if (parts === null) return iri;
  const [, scheme = '', host = '', port = '', rest = ''] = parts;
  return scheme + asciiHost(host) + port + percentEncoded(rest);
}

/** The other full stops of Unicode separate labels too. */
const asciiHost = (host: string): string =>
  host
    .normalize('NFKC')
    .toLowerCase()
    .split(/[.\u3002\uff0e\uff61]/)
    .map((label) => (/[^\0-\x7f]/.test(label) ? `xn--${punycode(label)}` : label))
    .join('.');

const percentEncoded = (text: string): string =>
  text.replace(/[^\0-\x7f]+/gu, (beyond) => toHex(encodeUtf8(beyond)).toUpperCase().replace(/../g, '%$&'));
