import type { Http, HttpFailure, HttpRequest, HttpResponse } from '../base/ports.ts';
import { err, ok, type Result } from '../base/result.ts';

type Failed = { readonly ok: false; readonly error: HttpFailure };
const failed = (code: HttpFailure['code'], detail: string): Failed =>
  err({ code, detail: detail.slice(0, 200) });

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
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) break;
    length += part.value.length;
    if (length > maxBytes) return tooLarge();
    chunks.push(part.value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return ok({ status: response.status, body });
}
