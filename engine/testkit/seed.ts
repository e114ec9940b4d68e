import * as fc from 'fast-check';

// Properties draw the same cases in each run, so that a change is judged by what it changed. LEYDEN_SEED draws others.
fc.configureGlobal({ seed: Number(process.env['LEYDEN_SEED'] ?? 20_260_203) });
