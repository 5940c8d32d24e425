import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./lib/command";
import { ROOT } from "./lib/project";
import { task, UserError } from "./lib/task";
import { drawn } from "./pictures/dashboard";
import { shownWhileDrifting } from "./pictures/drifting";
import { terminal, type Frame } from "./pictures/terminal";

/** The steps of the demo that the README shows: what their headlines begin with. */
const SHOWN = ["Somebody edits", "In mode warn", "Helm itself", "A change by hand can be refused"];

/** Draws what the docs show of a terminal and of the dashboard, from real runs. */
task(async () => {
  const images = join(ROOT, "docs", "images");
  const output = await demo();
  await writeFile(join(images, "demo.svg"), terminal(framesOf(output)));
  await writeFile(join(ROOT, "docs", "demo.md"), transcript(output));
  await writeFile(join(images, "dashboard.svg"), drawn(await shownWhileDrifting()));
  return 0;
});

function demo(): Promise<string> {
  const args = ["--import", "tsx", join(ROOT, "hack", "demo.ts"), "--once"];
  return run(process.execPath, args, { cwd: ROOT, env: { ...process.env, NO_COLOR: "1" } });
}

/** All steps of the demo. */
function transcript(output: string): string {
  const steps = output.slice(output.indexOf("\n1. ") + 1, output.indexOf("\nProven:"));
  return `# The demo

What \`npm start\` shows: the main job, on a Kubernetes API server of its own. The times are measured with a watch, from the change to the event
that shows the revert.

\`\`\`console
${steps.trimEnd()}
\`\`\`
`;
}

function framesOf(output: string): Frame[] {
  const steps = output.split(/^\d+\. /m).slice(1);
  return SHOWN.map(beginning => {
    const [title, ...lines] =
      steps
        .find(step => step.startsWith(beginning))
        ?.trimEnd()
        .split("\n") ?? [];
    if (title === undefined) throw new UserError(`the demo has no step "${beginning}..."`);
    return { title, lines: lines.filter(isOfStep).map(line => line.replace(/^ {3}/, "")) };
  });
}

/** What the demo says after its last step is not indented. */
function isOfStep(line: string): boolean {
  return line.startsWith("   ");
}
