import http from 'node:http';
import { listen, LOOPBACK } from '../../../world/free-port.ts';

/** What LND takes where bitcoind has no estimate (fallBackFeeRate in chainreg/chainregistry.go), per 1,000 weight. */
const WITHOUT_ESTIMATE = 6_250;
/** sat/kvB */
const RELAYED = 1_000;

/** Tells LND fee rates, as `--fee.url` has it: on regtest it asks each time that it needs one. */
export class FeeSource {
  /** sat per 1,000 weight, for any number of blocks. */
  perKw = WITHOUT_ESTIMATE;
  #server: http.Server | null = null;

  /** @returns where it is asked */
  async start(): Promise<string> {
    const server = http.createServer((_request, response) => {
      // Four units of weight are a virtual byte.
      const told = { fee_by_block_target: { 1: this.perKw * 4 }, min_relay_feerate: RELAYED };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(told));
    });
    const port = await listen(server, 0);
    this.#server = server;
    return `http://${LOOPBACK}:${port}`;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}
