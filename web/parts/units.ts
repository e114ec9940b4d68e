import { createContext } from 'svelte';
import type { Unit } from '../format/money.ts';

/** How amounts are read on this page; whoever mounts the parts provides it. */
export type Units = { readonly unit: Unit; readonly toggleUnit: () => void };

const [useUnits, provideUnits] = createContext<Units>();
export { provideUnits, useUnits };
