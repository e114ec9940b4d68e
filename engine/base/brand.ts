declare const brand: unique symbol;

/** A nominal type: structurally a `T`, but only code that names the brand can make one. Survives structured clone. */
export type Branded<T, B extends string> = T & { readonly [brand]: B };
