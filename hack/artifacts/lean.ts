import type { Plugin } from "esbuild";

/** Packages of dependencies that a locker never calls, with what it would take for one to do so. */
const NEVER_CALLED: Readonly<Record<string, string>> = {
  "isomorphic-ws": "kubectl exec, attach or port-forward",
  "socks-proxy-agent": "a SOCKS proxy, which capabilities/cluster/credentials.ts refuses",
  "stream-buffers": "kubectl cp",
  "tar-fs": "kubectl cp",
};

/** What a bundle has instead of packages, as CommonJS modules. */
const INSTEAD: Readonly<Record<string, string>> = {
  // Pepr prepares a web server, and starts it in its own image only: capabilities/standalone answers probes and metrics.
  express: `
    const application = () => ({ use() {}, get() {}, post() {} });
    module.exports = Object.assign(application, { json() {} });`,
  // node-fetch takes it where Node.js has no URL.
  "whatwg-url": `module.exports = { URL: require("node:url").URL };`,
  ...Object.fromEntries(Object.entries(NEVER_CALLED).map(([name, why]) => [name, throwing(name, why)])),
};

/**
 * Leaves out of a bundle what would never run, which takes a third of the file and 10 MB of memory. What is never called throws an
 * error that names its package if it is.
 */
export const lean: Plugin = {
  name: "lean",
  setup(build) {
    const names = Object.keys(INSTEAD).join("|");
    build.onResolve({ filter: new RegExp(`^(${names})$`) }, ({ path }) => ({ path, namespace: "instead" }));
    build.onLoad({ filter: /.*/, namespace: "instead" }, ({ path }) => ({
      contents: INSTEAD[path] ?? "",
      resolveDir: "/",
    }));
  },
};

/** Undici's cookies ask for the Headers of Node.js, which would load a second undici. */
export const LEAN_GLOBALS = { "globalThis.Headers": "undefined" };

/** A module of which everything throws once it is called. */
function throwing(name: string, why: string): string {
  const message = JSON.stringify(`${name} is not in this bundle, as nothing needs ${why}`);
  return `
    const absent = function () { throw new Error(${message}); };
    module.exports = new Proxy(absent, { get: (_, key) => (key === "__esModule" ? false : absent) });`;
}
