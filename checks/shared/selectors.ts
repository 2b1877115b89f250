import type { LabelSelector } from '../../src/model/kubernetes.ts';

/** Whether labels match a selector. An empty one matches everything; without one nothing is matched. An operator that is not known matches nothing. */
export function matchesLabels(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const own = labels[key];
      switch (operator) {
        case 'In':
          return own !== undefined && values.includes(own);
        case 'NotIn':
          return own === undefined || !values.includes(own);
        case 'Exists':
          return own !== undefined;
        case 'DoesNotExist':
          return own === undefined;
        default:
          return false;
      }
    })
  );
}
