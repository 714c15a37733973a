"use client";
import { Button, Field, Input, Select } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { every } from "@/components/api/polling";
import { type Action, useAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { Age, LocalTime } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
import { Notice } from "@/components/ui/notice";
import plain from "@/components/vault/plain-table.module.css";
import { WebhookSettings, WebhookView } from "@/lib/notices/webhook.pure";
import { GroupForm } from "./group-form";
import s from "./settings.module.css";
import { type GroupProps, useGroupForm } from "./use-settings";

export type SendTest = Action<Record<string, never>, { id: string }>;

const KEY = ["webhook"];
const STANDING_MS = 15_000;
const draftOf = ({ url, leastSeverity }: WebhookSettings) => ({ url: url ?? "", leastSeverity });
const settingsIn = ({ url, leastSeverity }: ReturnType<typeof draftOf>) => ({
  url: url.trim() === "" ? null : url,
  leastSeverity,
});
const SEVERITY = WebhookSettings.shape.leastSeverity.unwrap();

/** Where a chat tool is told of incidents and of vaults that turned red, and what became of each message. */
export function WebhookForm({ sendTest, ...props }: GroupProps<"webhook"> & { sendTest: SendTest }) {
  const form = useGroupForm("webhook", props, draftOf, settingsIn);
  const { draft, problems, edit } = form;
  const disabled = !props.mayChange;
  return (
    <GroupForm title="Webhook for chat tools" changed={props.changed} mayChange={props.mayChange} form={form}>
      <Field
        label="Address"
        hint={
          disabled
            ? "Only its beginning is shown: the rest may be a credential."
            : "Empty: nobody is told. Messages are signed and name no honeytoken."
        }
        {...fieldProblem(problems.url)}
      >
        <Input
          type="url"
          autoComplete="off"
          value={draft.url}
          disabled={disabled}
          onChange={(_, data) => edit({ url: data.value })}
        />
      </Field>
      <Field label="Incidents from">
        <Select
          value={draft.leastSeverity}
          disabled={disabled}
          onChange={(_, data) => edit({ leastSeverity: SEVERITY.parse(data.value) })}
        >
          {SEVERITY.options.map((severity) => (
            <option key={severity} value={severity}>
              {severity}
            </option>
          ))}
        </Select>
      </Field>
      <Deliveries mayTest={props.mayChange && props.saved.url !== null} sendTest={sendTest} />
    </GroupForm>
  );
}

const EVENTS: Record<string, string> = {
  "incident.new": "New incident",
  "vault.turned_red": "Vault turned red",
  "touch.missed": "Touch missed",
  test: "Test",
};
const STATES: Record<WebhookView["deliveries"][number]["state"], string> = {
  waiting: "Waiting",
  delivered: "Delivered",
  given_up: "Given up after 24 hours",
};

function Deliveries({ mayTest, sendTest }: { mayTest: boolean; sendTest: SendTest }) {
  const { getToken } = useSession();
  const client = useQueryClient();
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson("/api/webhook", (body) => WebhookView.parse(body), getToken, signal),
    refetchInterval: every(STANDING_MS),
  });
  const testing = useAction(sendTest, () => client.invalidateQueries({ queryKey: KEY }));
  const view = query.data;
  return (
    <>
      {query.isError && <FailureNotice error={query.error} onRetry={() => query.refetch()} />}
      {view && !view.secretSet && (
        <Notice intent="warning" title="Nothing is sent yet">
          <p>WEBHOOK_SECRET is not set in the environment of the product, so nothing can be signed.</p>
        </Notice>
      )}
      {view?.problem && (
        <Notice intent="warning" title="The last look for incidents failed">
          <p>{view.problem} It is made again every minute.</p>
        </Notice>
      )}
      {testing.error && <FailureNotice error={testing.error} />}
      {mayTest && (
        <div>
          <Button disabled={testing.isPending} onClick={() => testing.mutate({})}>
            {testing.isPending ? "Sending…" : "Send a test"}
          </Button>
        </div>
      )}
      {view && view.deliveries.length > 0 && <DeliveryTable deliveries={view.deliveries} />}
      {view?.lookedAt && (
        <p className={s.looked}>
          Incidents were last looked for <Age at={view.lookedAt} />.
        </p>
      )}
    </>
  );
}

function DeliveryTable({ deliveries }: Pick<WebhookView, "deliveries">) {
  return (
    <div className={plain.scroll}>
      <table className={plain.table} aria-label="Messages">
        <thead>
          <tr>
            <th scope="col">Message</th>
            <th scope="col">State</th>
            <th scope="col">Last answer</th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map(({ id, event, state, attempts, createdAt, nextAt, lastAnswer }) => (
            <tr key={id}>
              <th scope="row">
                {EVENTS[event] ?? event}, <LocalTime at={createdAt} />
              </th>
              <td data-label="State">
                {STATES[state]} ({attempts === 1 ? "1 try" : `${attempts} tries`})
                {nextAt !== null && (
                  <>
                    , next <LocalTime at={nextAt} />
                  </>
                )}
              </td>
              <td data-label="Last answer">{lastAnswer ?? "None yet"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
