import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../../hack/lib/project";
import { MODULE_INPUTS } from "../../hack/lib/stale";

const packageJson = z.looseObject({ pepr: z.looseObject({ env: z.record(z.string(), z.string()) }) });

/** Unit tests may need files that are not copied, and Pepr checks the types of everything it finds. */
const isNoTest = (path: string): boolean => !path.endsWith(".test.ts");

/**
 * Copies the inputs of Pepr's build into an empty folder, so that they can be changed there.
 * @param env added to the environment that package.json gives the module
 */
export async function copyModule(directory: string, env: Record<string, string> = {}): Promise<void> {
  for (const input of MODULE_INPUTS)
    await cp(join(ROOT, input), join(directory, input), { recursive: true, filter: isNoTest });
  await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
  const file = join(directory, "package.json");
  const { pepr, ...rest } = packageJson.parse(JSON.parse(await readFile(file, "utf8")));
  await writeFile(file, JSON.stringify({ ...rest, pepr: { ...pepr, env: { ...pepr.env, ...env } } }));
}
