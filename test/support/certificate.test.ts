import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { selfSignedCertificate } from "./certificate";

test("the certificate is signed by its own key and valid now", () => {
  const { key, certificate } = selfSignedCertificate("localhost");
  const parsed = new X509Certificate(certificate);
  assert.equal(parsed.subject, "CN=localhost");
  assert.equal(parsed.checkPrivateKey(createPrivateKey(key)), true);
  assert.equal(parsed.verify(parsed.publicKey), true);
  assert.ok(new Date(parsed.validFrom) < new Date());
  assert.ok(new Date(parsed.validTo) > new Date());
});
