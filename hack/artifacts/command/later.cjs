"use strict";
const later = name => (later.table ??= uncommented())[name]();

/** Runs the comment at the end of this file, whose lines begin with two slashes. */
function uncommented() {
  const { readFileSync } = require("node:fs");
  const { compileFunction } = require("node:vm");
  const [first, rest] = readFileSync(__filename, "utf8").split("\n//later\n");
  const module = { exports: {} };
  compileFunction(rest.replace(/^\/\//gm, ""), ["require", "module", "exports"], {
    filename: __filename,
    lineOffset: first.split("\n").length + 1,
  })(require, module, module.exports);
  return module.exports;
}
