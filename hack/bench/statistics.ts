/** The value that a share of the values does not exceed, by the nearest rank. @param share for example 0.99 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("a percentile of no values");
  return value;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Milliseconds with a precision that fits their size: "4.3 ms", "85 ms", "2.31 s". */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

/** How many times one value is the other: "1.8 x". */
export function times(value: number, of: number): string {
  return `${(value / of).toFixed(1)} x`;
}

/** Bytes in megabytes: "98 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
