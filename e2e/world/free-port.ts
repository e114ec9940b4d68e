import { createServer, type Server } from 'node:net';

/** Where everything of the playground listens: never beyond this machine. */
export const LOOPBACK = '127.0.0.1';

/** A port nobody listens on right now. Somebody may take it before its user does, who must then ask again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** @returns the port, which the system chose when `port` is 0 */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('not a TCP server'));
      resolve(address.port);
    });
  });
}

/** Starts what listens there, or anywhere when somebody has the port, taken even between a look and the start. */
export async function atPortOrElsewhere<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(await portIfFree(port));
  } catch (error) {
    // A program of its own has only words for it.
    if (port === 0 || !String(error).includes('EADDRINUSE')) throw error;
    return start(0);
  }
}

/** The port if nobody has it right now, else 0: any. */
async function portIfFree(port: number): Promise<number> {
  if (port === 0) return 0;
  const server = createServer();
  try {
    await listen(server, port);
    return port;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}
