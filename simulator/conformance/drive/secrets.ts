import { all, type Stage } from "../stage";

/** The secrets of a vault's data plane. */
export async function driveSecrets({ clients, place, step, refused, raw }: Stage): Promise<void> {
  const client = clients.secrets(place.vault.url);
  const name = "conformance-secret";
  const set = await step("secrets: set", () =>
    client.setSecret(name, "first value", {
      contentType: "text/plain",
      tags: { made: "by hand" },
      notBefore: new Date(Date.UTC(2026, 0, 1)),
      expiresOn: new Date(Date.UTC(2030, 0, 1)),
    }),
  );
  await step("secrets: set again", () => client.setSecret(name, "second value"));
  await step("secrets: get the newest", () => client.getSecret(name));
  await step("secrets: get a version", () => client.getSecret(name, { version: set?.properties.version ?? "" }));
  await refused("secrets: get one that is not there", 404, () => client.getSecret("nowhere"));
  await refused("secrets: set a wrong name", 400, () => client.setSecret("wrong_name", "value"));
  await step("secrets: list", () => all(client.listPropertiesOfSecrets()));
  await step("secrets: list versions", () => all(client.listPropertiesOfSecretVersions(name)));
  await step("secrets: update", () =>
    client.updateSecretProperties(name, set?.properties.version ?? "", { enabled: true, tags: { made: "twice" } }),
  );
  await step("secrets: update the newest", () =>
    raw("PATCH", `${place.vault.url}/secrets/${name}?api-version=7.6`, { attributes: { enabled: true } }),
  );
  await step("secrets: disable", () =>
    client.updateSecretProperties(name, set?.properties.version ?? "", { enabled: false }),
  );
  await refused("secrets: get a disabled version", 403, () =>
    client.getSecret(name, { version: set?.properties.version ?? "" }),
  );

  const backup = await step("secrets: back up", () => client.backupSecret(name));
  await step("secrets: delete", () => client.beginDeleteSecret(name, { intervalInMs: 1 }));
  await step("deleted secrets: list", () => all(client.listDeletedSecrets()));
  await step("deleted secrets: get", () => client.getDeletedSecret(name));
  await step("deleted secrets: recover", () => client.beginRecoverDeletedSecret(name, { intervalInMs: 1 }));
  await step("secrets: delete for good", async () => {
    await (await client.beginDeleteSecret(name, { intervalInMs: 1 })).pollUntilDone();
    await client.purgeDeletedSecret(name);
  });
  await step("secrets: restore", () => client.restoreSecretBackup(backup ?? new Uint8Array()));
}
