import { createServer, type Server, type ServerResponse, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpRequest } from '../base/ports.ts';
import { fetchHttp } from './fetch-http.ts';

let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string, more: Partial<HttpRequest> = {}) =>
  fetchHttp()({ url: base + path, method: 'GET', timeoutMs: 5_000, maxBytes: 1_000, ...more });

describe('HTTP over fetch', () => {
  it('answers status and body', async () => {
    answer = (request, response) => response.writeHead(404).end(`no ${request.url}`);
    const got = await get('/tx/1');
    expect(got.ok && [got.value.status, Buffer.from(got.value.body).toString()]).toEqual([404, 'no /tx/1']);
  });

  it('posts text without a header that would need a preflight', async () => {
    let seen = '';
    answer = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen = `${request.method} ${request.headers['content-type']} ${Buffer.concat(chunks).toString()}`;
        response.end('ok');
      });
    };
    await get('/tx', { method: 'POST', body: '0200' });
    expect(seen).toBe('POST text/plain 0200');
  });

  it.each([true, false])('cuts off a body past maxBytes (length announced: %s)', async (announced) => {
    answer = (_, response) => {
      if (announced) response.setHeader('content-length', 2_000);
      response.write('x'.repeat(900));
      response.end('x'.repeat(1_100));
    };
    const got = await get('/');
    expect(got).toMatchObject({ ok: false, error: { code: 'too-large' } });
  });

  it('gives up after timeoutMs, also in the middle of a body', async () => {
    answer = (_, response) => void response.writeHead(200).write('begun');
    expect(await get('/', { timeoutMs: 50 })).toMatchObject({ ok: false, error: { code: 'timeout' } });
  });

  it('gives up on a server that drips byte by byte', async () => {
    let dripping: NodeJS.Timeout | undefined;
    answer = (_, response) => {
      response.writeHead(200);
      dripping = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(dripping));
    };
    expect(await get('/', { timeoutMs: 100 })).toMatchObject({ ok: false, error: { code: 'timeout' } });
    clearInterval(dripping);
  });

  it('holds no more than maxBytes of a body without end, and hangs up', async () => {
    const piece = new Uint8Array(65_536);
    let sent = 0;
    const hungUp = new Promise<void>((resolve) => {
      answer = (_, response) => {
        response.on('close', resolve);
        const more = (): void => {
          // A gigabyte, if it were read.
          while (sent < 1 << 30 && !response.destroyed) {
            sent += piece.length;
            if (!response.write(piece)) {
              response.once('drain', more);
              return;
            }
          }
        };
        more();
      };
    });
    expect(await get('/', { maxBytes: 1_000_000 })).toMatchObject({ error: { code: 'too-large' } });
    await hungUp;
    // What was on its way in the buffers of both sides.
    expect(sent).toBeLessThan(32_000_000);
  });

  it('a body in pieces of one byte arrives whole', async () => {
    const pieces = Array.from({ length: 4_000 }, (_, at) => Uint8Array.of(at % 251));
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (stream) => {
        for (const piece of pieces) stream.enqueue(piece);
        stream.close();
      },
    });
    const got = await fetchHttp(() => Promise.resolve(new Response(body)))({
      url: 'https://server.example',
      method: 'GET',
      timeoutMs: 5_000,
      maxBytes: 4_000,
    });
    expect(got.ok && Buffer.compare(got.value.body, Buffer.concat(pieces))).toBe(0);
  });

  it.each(['-5', 'nonsense', '99999999999999999999'])('is not led by a length of %s', async (announced) => {
    const response = new Response('body', { headers: { 'content-length': announced } });
    const got = await fetchHttp(() => Promise.resolve(response))({
      url: 'https://server.example',
      method: 'GET',
      timeoutMs: 5_000,
      maxBytes: 1_000,
    });
    if (got.ok) expect(Buffer.from(got.value.body).toString()).toBe('body');
    else expect(got.error.code).toBe('too-large');
  });

  it('is not sent on to another server', async () => {
    const asked: (string | undefined)[] = [];
    answer = (request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: `${base}/elsewhere` }).end();
    };
    expect(await get('/tx/1')).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    expect(asked).toEqual(['/tx/1']);
  });

  it('a server that is not there is a value, not an exception', async () => {
    expect(await get('', { url: 'http://127.0.0.1:1/' })).toMatchObject({
      ok: false,
      error: { code: 'unreachable' },
    });
    expect(await get('', { url: 'not a url' })).toMatchObject({ ok: false, error: { code: 'unreachable' } });
  });
});
