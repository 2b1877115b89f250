/** The cluster's time of cases that do not say another. */
export const NOW = '2026-01-15T03:00:00Z';
