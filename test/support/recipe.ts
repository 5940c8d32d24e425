import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../hack/lib/project";

/** The blocks of code of a section of docs/policies.md, in one language. */
export async function recipe(title: string, language: "sh" | "yaml"): Promise<string[]> {
  const text = await readFile(join(ROOT, "docs", "policies.md"), "utf8");
  const [, section = ""] = text.split(`\n## ${title}\n`);
  const [own = ""] = section.split("\n## ");
  return [...own.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, found, code = ""]) =>
    found === language ? code : [],
  );
}
