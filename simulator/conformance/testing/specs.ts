import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Exchange } from "../exchange";

/** A folder of small API descriptions in the layout of Microsoft's; `remove` takes it away. */
export function smallSpecs(): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "kvh-small-specs-"));
  const write = (file: string, content: unknown) => {
    const at = path.join(folder, "specification", file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, JSON.stringify(content));
  };
  for (const version of ["2020-01-01", "2024-01-01"])
    write(`widgets/resource-manager/Contoso.Widgets/stable/${version}/widgets.json`, widgets(version));
  write("widgets/resource-manager/Contoso.Widgets/stable/2024-01-01/examples/one.json", { not: "a description" });
  write("keyvault/data-plane/Microsoft.KeyVault/stable/7.5/secrets.json", secrets);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const parameter = (name: string) => ({ name, in: "path", required: true, type: "string" });
const version = { name: "api-version", in: "query", required: true, type: "string" };

function widgets(apiVersion: string) {
  const widget = { $ref: "#/definitions/Widget" };
  const answer = { "200": { description: "ok", schema: widget }, default: { description: "error" } };
  const parameters = [parameter("subscriptionId"), parameter("name"), version];
  return {
    swagger: "2.0",
    info: { title: "Widgets", version: apiVersion },
    host: "management.azure.com",
    consumes: ["application/json"],
    produces: ["application/json"],
    paths: {
      "/subscriptions/{subscriptionId}/providers/Contoso.Widgets/widgets/{name}": {
        get: { operationId: "Widgets_Get", parameters, responses: answer },
        put: {
          operationId: "Widgets_Put",
          parameters: [...parameters, { name: "widget", in: "body", required: true, schema: widget }],
          responses: { ...answer, "202": { description: "accepted", schema: widget } },
          "x-ms-long-running-operation": true,
        },
      },
    },
    definitions: {
      Widget: {
        type: "object",
        required: ["colour"],
        "x-ms-examples": { one: { $ref: "./examples/one.json" } },
        properties: {
          id: { type: "string", readOnly: true },
          colour: { type: "string", enum: ["red", "blue"], "x-ms-enum": { name: "Colour", modelAsString: true } },
          size: { type: "integer" },
          madeAt: { type: "string", format: "date-time" },
          parts: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
        },
      },
    },
  };
}

const bundle = { "200": { description: "ok", schema: { type: "object", properties: { id: { type: "string" } } } } };
const list = {
  "200": { description: "ok", schema: { type: "object", properties: { value: { type: "array", items: {} } } } },
};
const secrets = {
  swagger: "2.0",
  info: { title: "KeyVaultClient", version: "7.5" },
  "x-ms-parameterized-host": {
    hostTemplate: "{vaultBaseUrl}",
    useSchemePrefix: false,
    positionInOperation: "first",
    parameters: [{ name: "vaultBaseUrl", in: "path", required: true, type: "string", "x-ms-skip-url-encoding": true }],
  },
  consumes: ["application/json"],
  produces: ["application/json"],
  paths: {
    "/secrets/{name}/{version}": {
      get: {
        operationId: "GetSecret",
        parameters: [parameter("name"), parameter("version"), version],
        responses: bundle,
      },
    },
    "/secrets/{name}/versions": {
      get: { operationId: "GetVersions", parameters: [parameter("name"), version], responses: list },
    },
  },
};

const WIDGET = "https://management.azure.com/subscriptions/s1/providers/Contoso.Widgets/widgets/w1";

/** A request for a widget and its answer, right in every way unless `change` says otherwise. */
export function widgetExchange(change: Partial<Exchange> = {}): Exchange {
  const body = { id: "/w1", colour: "red", size: 3, madeAt: "2026-01-01T00:00:00Z", parts: [{ name: "wheel" }] };
  return {
    step: "widgets: get",
    method: "GET",
    url: `${WIDGET}?api-version=2024-01-01`,
    requestHeaders: {},
    requestBody: undefined,
    status: 200,
    responseHeaders: { "content-type": "application/json" },
    responseBody: body,
    ...change,
  };
}
