// What the proxy and a page say to each other. No imports: both sides, and other implementations, may use it.
//
// The page opens a WebSocket at `/v1/{host}/{port}`. Once TCP is up the proxy sends one text frame, `CONNECTED`; from
// then on binary frames are the bytes of the TCP stream, both ways, with no boundaries that mean anything. When either
// side ends, the WebSocket is closed with one of the codes below and a sentence as the reason.

export const PATH_PREFIX = '/v1/';

/** The first frame from the proxy, and the only text frame there is. */
export const CONNECTED = '{"connected":true}';

/** WebSocket close codes, all in the range for applications. */
export const CLOSE = {
  /** The path is not `/v1/{host}/{port}`. */
  badRequest: 4000,
  /** Pages of this origin may not use this proxy. */
  originRefused: 4001,
  /** The host is private, or outside what this proxy connects to. */
  addressRefused: 4002,
  /** Too many attempts from this address; try later. */
  rateLimited: 4003,
  /** This proxy, or the part of it that one address may use, is full. */
  full: 4004,
  /** The page sent text; only binary frames are data. */
  badFrame: 4005,

  /** The host's name has no address. */
  unknownHost: 4010,
  /** Nobody listens there. */
  connectionRefused: 4011,
  /** No answer in time. */
  connectTimeout: 4012,
  /** No way there from this proxy. */
  unreachable: 4013,

  /** The peer closed the connection in order. */
  peerClosed: 4020,
  /** The peer, or the network, broke the connection. */
  peerReset: 4021,
  /** Nothing moved for too long. */
  idle: 4022,

  /** This proxy is being stopped; another, or the same a little later, will do. */
  stopping: 4030,
} as const;
export type CloseName = keyof typeof CLOSE;
