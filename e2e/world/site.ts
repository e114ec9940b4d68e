import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import { extname, join, normalize } from 'node:path';
import { atPortOrElsewhere, listen, LOOPBACK } from './free-port.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

export type Site = {
  /** Without a slash at the end. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

export type SiteOptions = {
  /** Read at each request: a deployment may come in between. */
  readonly folder: string;
  readonly config: () => unknown;
  /** Preferred; another one when it is taken. */
  readonly port?: number;
};

/** Serves a built app as any web server would, with `config` in place of its config.json. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const server = http.createServer((request, response) => {
    serve(options, request, response).catch(() => {
      if (response.headersSent) return response.destroy();
      response.writeHead(404, { 'content-type': 'text/plain' });
      return response.end('not found');
    });
  });
  const port = await atPortOrElsewhere(options.port ?? 0, (wanted) => listen(server, wanted));
  return {
    url: `http://${LOOPBACK}:${port}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  { folder, config }: SiteOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const headers = await headersOf(folder);
  const path = decodeURI(new URL(request.url ?? '/', 'http://site').pathname);
  if (path !== '/config.json') return serveFile(folder, path, headers, response);
  response.writeHead(200, { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(config()));
}

/** What a build asks hosts to send with every answer; nothing where the folder is no build. */
async function headersOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(folder, '_headers'), 'utf8').catch(() => '');
  return Object.fromEntries(
    [...text.matchAll(/^ +([\w-]+): (.+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

async function serveFile(
  folder: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  response: http.ServerResponse,
): Promise<void> {
  // An absolute path cannot climb above its root.
  const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path));
  const { size } = await stat(file);
  const isHashed = /-[\w-]{8}\.\w+$/.test(file);
  response.writeHead(200, {
    ...headers,
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': size,
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}
