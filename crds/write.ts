import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileOf, yamlOf } from "./definition";
import { definitions } from "./definitions";

for (const definition of definitions) writeFileSync(join(__dirname, fileOf(definition)), yamlOf(definition));
