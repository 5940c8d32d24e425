import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hasContainerRuntime } from "./container-runtime";

const NO_SOURCES = `Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "/dev/null";`;

test(
  "a machine without package sources has no container runtime",
  { skip: process.platform !== "linux" },
  () => {
    const folder = mkdtempSync(join(tmpdir(), "helm-locker-unit-"));
    const { XDG_CACHE_HOME, APT_CONFIG } = process.env;
    try {
      writeFileSync(join(folder, "apt.conf"), NO_SOURCES);
      Object.assign(process.env, { XDG_CACHE_HOME: folder, APT_CONFIG: join(folder, "apt.conf") });
      assert.equal(hasContainerRuntime(), false);
    } finally {
      restore("XDG_CACHE_HOME", XDG_CACHE_HOME);
      restore("APT_CONFIG", APT_CONFIG);
      rmSync(folder, { recursive: true });
    }
  },
);

function restore(name: "XDG_CACHE_HOME" | "APT_CONFIG", value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
