type Reports = { readonly interop: object; readonly journeys: object };
/** What a run may lack though nothing in it failed: a line to end it with, or null. `why`: where that is known. */
export declare function notRun(reports: Reports, why: string | null): string | null;
