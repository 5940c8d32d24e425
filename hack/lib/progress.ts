/** Receives one line about what begins now. */
export type OnProgress = (line: string) => void;

/**
 * Announces slow work and waits for it. With `onProgress`, the line goes there; otherwise it goes to standard error, on
 * a terminal with a running clock behind it.
 */
export async function withProgress<T>(
  line: string,
  work: () => Promise<T>,
  onProgress?: OnProgress,
): Promise<T> {
  if (onProgress !== undefined || !process.stderr.isTTY) {
    (onProgress ?? writeLine)(line);
    return work();
  }
  const start = Date.now();
  const show = (): boolean => process.stderr.write(`\r${line} ${clock(Date.now() - start)}`);
  show();
  const timer = setInterval(show, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.stderr.write("\n");
  }
}

/** Formats a duration in milliseconds as minutes and seconds: `4:07`. */
export function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
