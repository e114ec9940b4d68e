import { installSecp256k1 } from '../crypto/secp256k1.ts';
import { wasmBackend } from './wasm-backend.ts';

// As in the page: the curve is in WebAssembly, and many times faster so. That noble gives the same bytes for the same
// input is what secp256k1-backends.test.ts shows; LEYDEN_CURVE=noble runs everything over noble.
if (process.env['LEYDEN_CURVE'] !== 'noble') installSecp256k1(await wasmBackend());
