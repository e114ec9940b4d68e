/** Of the engine, while it pays and is paid. Other kinds take a part of it, and one at least. */
export const KILLS = Number(process.env['LEYDEN_KILLS'] ?? 24);
export const SEED = Number(process.env['LEYDEN_SEED'] ?? 20_261_127);

export const killsOf = (part: number): number => Math.max(1, Math.round(KILLS * part));
