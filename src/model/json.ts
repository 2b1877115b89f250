/** Anything that survives JSON.stringify → JSON.parse unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Interfaces have no implicit index signature; this structural copy does, so that they can be tested against Json. */
type Structure<T> = T extends (...args: never) => unknown ? T : T extends object ? { [K in keyof T]: Structure<T[K]> } : T;

/** `T` when it is made of JSON alone, else `never`: a Date, a Map or a class instance in an observation does not compile. */
export type JsonOf<T> = Structure<T> extends Json ? T : never;
