import { expect, test } from "vitest";
import { startOtlpReceiver } from "./harness/otlp-receiver";
import { startProduct } from "./harness/product";

test("a process sends what it has before it ends, says which request it was in trace and log, and believes no caller", async () => {
  const other = await startOtlpReceiver();
  const product = await startProduct({ vaults: 8, env: { OTEL_EXPORTER_OTLP_ENDPOINT: other.url, LOG_LEVEL: "warn" } });
  const theirs = "0af7651916cd43dd8448eb211c80319c";
  const refused = await fetch(`${product.url}/api/vaults?search=db-password-of-payroll`, {
    headers: { authorization: "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", traceparent: `00-${theirs}-b7ad6b7169203331-01` },
  });
  expect(refused.status).toBe(401);
  const requestId = refused.headers.get("x-request-id");
  expect(await product.stop()).toBe(0);
  other.close();

  const ours = other.spans().find(({ attributes }) => attributes["request.id"] === requestId);
  expect(ours?.attributes["error.type"]).toBe("signed_out");
  const root = other.spans().find(({ traceId, name }) => traceId === ours?.traceId && name === "GET /api/vaults");
  expect(root?.attributes).toMatchObject({ "http.route": "/api/vaults", "http.response.status_code": "401" });
  const line = product
    .output()
    .split("\n")
    .find((one) => one.includes(String(requestId)));
  expect(line).toContain(`"trace_id":"${ours?.traceId}"`);
  expect(other.metricNames()).toContain("http.server.request.duration");
  const sent = other.texts.join("\n");
  for (const kept of ["db-password-of-payroll", theirs, "search", "eyJ"]) expect(sent).not.toContain(kept);
}, 400_000);
