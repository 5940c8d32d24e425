import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogueWords } from "./catalogue/words";

writeFileSync(join(__dirname, "..", "docs", "reference.md"), catalogueWords());
