import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { storedQuantity } from "./quantity";

describe("storedQuantity", () => {
  /** As Go's Quantity writes them once it has read them. */
  const stored: Record<string, string> = {
    "0": "0",
    "0m": "0",
    "0.0": "0",
    "0Gi": "0",
    "1": "1",
    "1.0": "1",
    "1.5": "1500m",
    "0.5": "500m",
    "0.10": "100m",
    "100m": "100m",
    "1500m": "1500m",
    "2000m": "2",
    "12000m": "12",
    "1000": "1k",
    "1024": "1024",
    "1234000": "1234k",
    "1000000": "1M",
    "1000k": "1M",
    "2500M": "2500M",
    "1.234": "1.234",
    "1.500": "1.500",
    "1.2345": "1234500u",
    "0.000000001": "1n",
    "1000n": "1u",
    "1Ki": "1Ki",
    "1024Mi": "1Gi",
    "1536Mi": "1536Mi",
    "10240Mi": "10Gi",
    "1.5Gi": "1536Mi",
    "0.5Ti": "512Gi",
    "0.5Ki": "512",
    "0.25Mi": "256Ki",
    "1.1Ki": "1126400m",
    "1073741824": "1073741824",
    "1e3": "1e3",
    "1E3": "1E3",
    "10e2": "1e3",
    "1e1": "10",
    "12e-1": "1200e-3",
    "5E": "5E",
    "7Ei": "7Ei",
  };
  for (const [text, expected] of Object.entries(stored)) {
    it(`is ${expected} for ${text}`, () => {
      assert.equal(storedQuantity(text), expected);
    });
  }

  const unknown: Record<string, string> = {
    "no quantity": "much",
    nothing: "",
    "a suffix alone": "Gi",
    "another suffix": "1K",
    "two points": "1.2.3",
    "a point at the end": "1.",
    "zeros in front": "010",
    "a sign": "+1",
    "less than one billionth, which is rounded": "0.1n",
    "more than is stored, which is capped": "8Ei",
    "more digits than are read exactly": "1000000000000000000",
  };
  for (const [what, text] of Object.entries(unknown)) {
    it(`is not known for ${what}`, () => {
      assert.equal(storedQuantity(text), undefined);
    });
  }
});
