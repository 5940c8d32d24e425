import assert from "node:assert/strict";
import { it } from "node:test";
import { terminal } from "./terminal";

it("shows each frame in its time, with what XML would take for its own, and long lines folded", () => {
  const svg = terminal([
    { title: "First", lines: ["$ a <b> & c", "x".repeat(130)] },
    { title: "Second", lines: ["done"] },
  ]);
  assert.match(svg, /<text [^>]+>\$ a &lt;b&gt; &amp; c<\/text>/);
  assert.match(svg, />x{124}<\/text>\n<text [^>]+>x{6}<\/text>/);
  assert.match(svg, /@keyframes f0\{0\.000%\{visibility:visible\}/);
  assert.match(svg, /@keyframes f1\{0%\{visibility:hidden\}[\d.]+%\{visibility:visible\}100\.000%/);
  assert.ok(!/<script|href=/.test(svg));
});
