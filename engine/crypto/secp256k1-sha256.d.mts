/** Of the curve's module, in hex. */
export declare const MODULE_SHA256: string;
