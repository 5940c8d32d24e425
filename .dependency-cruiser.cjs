/** No circles, of files or of folders. Which folder may import which, eslint.config.mjs says. */
module.exports = {
  forbidden: [
    { name: "no-circle", severity: "error", from: {}, to: { circular: true } },
    { name: "no-circle-of-folders", severity: "error", scope: "folder", from: {}, to: { circular: true } },
  ],
  options: {
    // In pepr.ts the package of that name is taken for the file itself.
    exclude: { path: "\\.test\\.ts$|^pepr\\.ts$" },
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
