import type { Bench } from '../bench.ts';
import { invoiceBench } from '../invoice/invoice-bench.ts';
import { burstBench } from './burst-bench.ts';
import { bytesBench } from './bytes-bench.ts';
import { roundTripBench } from './round-trip-bench.ts';

/** Measured as `leyden/node` is built, both sides alike: tsx keeps the names of functions, at a cost for each that is made. */
export const PAYING: readonly Bench[] = [roundTripBench, burstBench, invoiceBench, bytesBench];
