/** A stream that can't be written to any more. */
type Written = Pick<NodeJS.WritableStream, "on" | "write">;

/** Ends the command where its output can't be written: well if the reader has seen enough, as head does, and closes the pipe. */
export function endWhereBroken(stdout: Written, stderr: Written, exit: (code: number) => void): void {
  // There is nobody left to tell.
  stderr.on("error", () => undefined);
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      exit(0);
      return;
    }
    stderr.write(`error: the output can't be written: ${error.message}\n`);
    exit(1);
  });
}
