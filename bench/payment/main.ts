// What bench/run.ts builds and forks for the benches of paying.
import { alone } from '../alone.ts';
import { PAYING } from './paying.ts';

await alone(PAYING);
