import type { Http, HttpFailure, HttpRequest, HttpResponse } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';

type Failed = { readonly ok: false; readonly error: HttpFailure };
const failed = (code: HttpFailure['code'], detail: string): Failed =>
  err({ code, detail: detail.slice(0, 200) });

const FIRST_BUFFER = 16_384;

/** HTTP over `fetch`, in a page, a worker or Node.js. Never rejects; reads no more than the caller allows. */
export function fetchHttp(fetcher: typeof fetch = fetch): Http {
  return async (request) => {
    const abort = new AbortController();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort.abort();
    }, request.timeoutMs);
    try {
      const response = await fetcher(request.url, options(request, abort.signal));
      return await readBounded(response, request.maxBytes, abort);
    } catch (error) {
      return late
        ? failed('timeout', `no answer within ${request.timeoutMs} ms`)
        : failed('unreachable', error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  };
}

function options({ method, body }: HttpRequest, signal: AbortSignal): RequestInit {
  const init: RequestInit = {
    method,
    signal,
    // A server learns what is asked and nothing else; what was asked stays out of the disk cache.
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    // A server that a person chose answers itself: it does not send the wallet's questions on to another.
    redirect: 'error',
  };
  if (body === undefined) return init;
  // text/plain is one of the types that need no preflight, which Esplora servers do not answer.
  return { ...init, body: body as BodyInit, headers: { 'content-type': 'text/plain' } };
}

async function readBounded(
  response: Response,
  maxBytes: number,
  abort: AbortController,
): Promise<Result<HttpResponse, HttpFailure>> {
  const announced = Number(response.headers.get('content-length') ?? 0);
  const tooLarge = (): Failed => {
    abort.abort();
    return failed('too-large', `more than ${maxBytes} bytes`);
  };
  if (announced > maxBytes) return tooLarge();
  // One buffer that doubles, not a list of pieces: a server chooses how small they are.
  let buffer = new Uint8Array(Math.min(maxBytes, Math.max(announced || 0, FIRST_BUFFER)));
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) break;
    const end = length + part.value.length;
    if (end > maxBytes) return tooLarge();
    if (end > buffer.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(end, 2 * buffer.length)));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(part.value, length);
    length = end;
  }
  return ok({ status: response.status, body: buffer.slice(0, length) });
}
