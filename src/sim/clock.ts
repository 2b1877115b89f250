/** Tells the time in the simulated cluster. */
export type Clock = () => Date;

/** A clock that stands still, for tests that compare whole answers. */
export function fixedClock(instant: string | Date): Clock {
  const time = new Date(instant).getTime();
  return () => new Date(time);
}
