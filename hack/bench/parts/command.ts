import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockerCommand } from "../../artifacts/command";
import { helmPlugins } from "../../artifacts/command/packages";
import type { CommandLine } from "../../lib/command";
import { NAMESPACE } from "../../locker/testbed";
import type { Part, Row } from "../row";
import { withReleases } from "../stand";
import { duration, median, times } from "../statistics";

const REPETITIONS = 30;
const OBJECTS = 20;

/** How long the command takes, beside a Node.js that does nothing. */
export const command: Part = {
  name: "command",
  about: "how long the command takes beside bare Node.js",
  onlyByName: true,
  run: effort =>
    withReleases({ releases: 1, objects: OBJECTS }, async ({ controlPlane }, [seeded]) => {
      const { directory } = controlPlane;
      const empty = join(directory, "empty.js");
      await writeFile(empty, "");
      await controlPlane.helm(["plugin", "install", join(await helmPlugins(), "helm-3")]);
      const locker = await lockerCommand();
      const bare: number[] = [];
      const measured = [
        measure("--help", 2, [process.execPath, locker, "--help"]),
        measure("--help, through helm", 3, ["helm", "locker", "--help"]),
        measure(`drift of one release of ${OBJECTS} objects`, 20, [
          ...([process.execPath, locker, "drift"] as const),
          ...[seeded?.release ?? "", "-n", NAMESPACE],
        ]),
      ];
      const timed = async (times: number[], line: CommandLine) => {
        const begun = performance.now();
        await controlPlane.run(line);
        times.push(performance.now() - begun);
      };
      // One after the other, again and again: what else the machine does then slows down all of them.
      for (let count = effort.of(REPETITIONS); count > 0; count--) {
        await timed(bare, [process.execPath, empty]);
        for (const { taken, line } of measured) await timed(taken, line);
      }
      const floor = median(bare);
      return [
        { measure: `bare Node.js, p50 of ${bare.length}`, figure: duration(floor) },
        ...measured.map(one => rowOf(one, floor)),
      ];
    }),
};

interface Measured {
  readonly name: string;
  /** How many times what bare Node.js takes it may take. */
  readonly most: number;
  readonly line: CommandLine;
  readonly taken: number[];
}

function measure(name: string, most: number, line: CommandLine): Measured {
  return { name, most, line, taken: [] };
}

function rowOf({ name, most, taken }: Measured, floor: number): Row {
  const middle = median(taken);
  return {
    measure: `${name}, p50 of ${taken.length}`,
    target: `<= ${most} x bare Node.js`,
    figure: `${duration(middle)}, ${times(middle, floor)}`,
    isMet: middle <= most * floor,
  };
}
