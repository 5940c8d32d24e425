/**
 * `node hack/run.mjs TASK [ARGUMENT...]` runs hack/TASK.ts (test/chaos.ts and test/drift.ts, which are made of tests) under the Node that
 * the project pins. It first installs the dependencies if they are missing or do not match package-lock.json, which is all that
 * `node hack/run.mjs install` does. It is plain JavaScript, so that any Node from 18 on runs it with nothing installed.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const commands = join(modules, ".bin");
const env = { ...process.env, PATH: [commands, process.env.PATH].join(delimiter) };

const TASKS = [
  "demo",
  "test",
  "test-deploy",
  "test-slow",
  "test-busy",
  "test-upgrades",
  "test-floor",
  "test-memory",
  "install",
  "chaos",
  "drift",
  "bench",
  "dev",
  "build",
  "image",
  "pictures",
];

const [task, ...args] = process.argv.slice(2);
if (!TASKS.includes(task)) fail(`usage: node hack/run.mjs ${TASKS.join("|")} [ARGUMENT...]`);

if (!isInstalled()) await install();
if (task === "install") process.exit();
const folder = task === "chaos" || task === "drift" ? "test" : "hack";
await run(join(commands, "node"), ["--import", "tsx", join(root, folder, `${task}.ts`), ...args], "inherit");

/** npm writes its own lockfile into node_modules, listing what it has installed, once the installation is complete. */
function isInstalled() {
  const installedFile = join(modules, ".package-lock.json");
  if (!existsSync(installedFile) || !existsSync(join(commands, "node"))) return false;
  const wanted = packagesIn(join(root, "package-lock.json"));
  const installed = packagesIn(installedFile);
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    // An optional package may be for another platform.
    return path === "" || (found ? found.version === version && found.integrity === integrity : optional);
  });
}

function packagesIn(lockfile) {
  return JSON.parse(readFileSync(lockfile, "utf8")).packages;
}

/** npm's own output goes to standard error: standard output belongs to the task. */
async function install() {
  process.stderr.write("installing the dependencies (npm ci), about a minute\n");
  await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["ignore", 2, 2]);
}

/** Runs a command to its end, passes signals on to it, and ends with its exit code or signal if that is not 0. */
async function run(command, commandArgs, stdio) {
  const child = spawn(command, commandArgs, { cwd: root, env, stdio });
  const handOn = signal => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, handOn);
  const code = await new Promise(resolve => {
    child.on("error", error => fail(`${command} cannot be started: ${error.message}`));
    child.on("exit", (exitCode, signal) => resolve(exitCode ?? 128 + constants.signals[signal]));
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, handOn);
  if (code !== 0) process.exit(code);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
