import type { Metadata } from "next";
import { GrantsPage } from "@/components/grants/grants-page";
import { takeBackAction, writeRoleAction } from "./actions";

export const metadata: Metadata = { title: "Grants and roles" };

export default function Page() {
  return <GrantsPage takeBack={takeBackAction} writeRole={writeRoleAction} />;
}
