import { once } from "node:events";
import { lockerCommand } from "./artifacts/command";
import { standaloneModule } from "./artifacts/module";
import { invite } from "./demo/invitation";
import { follow } from "./demo/live";
import { demoOptions, USAGE, type DemoOptions } from "./demo/options";
import { openSandbox } from "./demo/sandbox";
import { Screen } from "./demo/screen";
import { Tour } from "./demo/tour";
import { UsageError } from "./lib/options";
import { task } from "./lib/task";

/** The exit code that shells report for a command ended by Ctrl-C. */
const INTERRUPTED = 130;

/** Shows the main job on a real API server, then stays up for the user to try. */
task(async () => {
  try {
    const options = demoOptions(process.argv.slice(2));
    if (!options.help) return await demo(options);
    process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(error.message);
    return 2;
  }
});

async function demo(options: DemoOptions): Promise<number> {
  await standaloneModule();
  await lockerCommand();
  const sandbox = await openSandbox(options.cluster);
  // Until here, an interruption may end this process at once: everything it has started ends with it.
  const signal = interruption();
  const screen = new Screen();
  const tour = new Tour(sandbox, screen, signal);
  let isProven = false;
  try {
    screen.title(`Helm Locker on ${sandbox.description}`);
    const locker = await unlessAborted(signal, tour.run());
    isProven = true;
    screen.success("\nProven: an edit and a deletion were reverted, helm upgrade went through.");
    if (!options.once) {
      invite(screen, sandbox);
      await unlessAborted(signal, follow(locker, screen));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return isProven ? 0 : INTERRUPTED;
  } finally {
    try {
      await tour.end();
    } finally {
      screen.text(`\n${await sandbox.close()}`);
    }
  }
  return 0;
}

/** Aborted when this process is asked to end. The process then ends in its own order, however often it is asked. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  process.on("SIGINT", abort).on("SIGTERM", abort).on("SIGHUP", abort);
  return controller.signal;
}

async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = once(signal, "abort").then((): never => {
    throw new Error("interrupted");
  });
  return Promise.race([work, aborted]);
}
