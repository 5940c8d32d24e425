/**
 * A point in time as metav1.Time, in whole seconds: "2026-01-01T00:00:00Z".
 *
 * @param time milliseconds since 1970
 */
export function toSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
