/** An error of JSON-RPC 2.0, as it is answered. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: object | null;
  constructor(code: number, message: string, data: object | null = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
