import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cliWords } from "./reference";
import { VERBS } from "./verbs";

writeFileSync(join(__dirname, "..", "docs", "cli.md"), cliWords(VERBS));
