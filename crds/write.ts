import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { helmReleaseCrdYaml } from "./crd";

writeFileSync(join(__dirname, "helmreleases.helm.cattle.io.yaml"), helmReleaseCrdYaml());
