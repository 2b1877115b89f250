import type { Dependency } from '../../src/model/component.ts';

/** The vendor's documents say so. */
export const documented = (component: string): Dependency => ({ component, confidence: 'documented' });

/** The upstream project's documents or sources say so. */
export const upstream = (component: string): Dependency => ({ component, confidence: 'upstream' });

/** Public relatives of the product or experience suggest it. */
export const inferred = (component: string): Dependency => ({ component, confidence: 'inferred' });

/** It shows or uses the other, and works on without it but for that part. */
export const partly = (component: string): Dependency => ({ component, confidence: 'inferred', partial: true });
