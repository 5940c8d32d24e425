import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceWords } from "./reference";

writeFileSync(join(__dirname, "..", "docs", "reference.md"), referenceWords());
