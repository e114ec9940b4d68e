import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { lookupHere, lookupOnInternet } from './lookup.ts';

const servers: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A name server that knows `good.test`, knows that there is no `nobody.test`, and of all others says nothing, ever. */
async function nameServer(): Promise<{ readonly address: string; readonly asked: () => number }> {
  const server = createSocket('udp4');
  servers.push(server);
  let asked = 0;
  server.on('message', (query, { address, port }) => {
    asked++;
    const end = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, end);
    const name = question.toString('latin1');
    const isKnown = name.startsWith('\x04good\x04test');
    if (!isKnown && !name.startsWith('\x06nobody\x04test')) return;
    const isV4 = question.readUInt16BE(question.length - 4) === 1;
    const answer = Buffer.from('c00c00010001000000050004cb007109', 'hex');
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(isKnown && isV4 ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    server.send(Buffer.concat([head, question, ...(isKnown && isV4 ? [answer] : [])]), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${server.address().port}`, asked: () => asked };
}

test('names whose servers never answer keep no other name waiting', async () => {
  const { address, asked } = await nameServer();
  const lookup = lookupOnInternet([address]);
  let given = 0;
  const slow = Array.from({ length: 60 }, (_, i) =>
    lookup(`slow${i}.test`).then(
      () => 0,
      () => given++,
    ),
  );
  expect(await lookup('good.test')).toEqual([{ address: '203.0.113.9' }]);
  expect(given).toBe(0);
  await expect(lookup('nobody.test')).rejects.toThrow('no address');
  expect(asked()).toBeGreaterThan(60);
  await Promise.all(slow);
  expect(given).toBe(60);
}, 60_000);

test('a machine of one’s own is looked up as it looks up itself', async () => {
  expect(await lookupHere('localhost')).toContainEqual(expect.objectContaining({ address: '127.0.0.1' }));
});
