import type { Metadata } from "next";
import { GrantsPage } from "@/components/grants/grants-page";
import { takeBackAction } from "./actions";

export const metadata: Metadata = { title: "Open grants" };

export default function Page() {
  return <GrantsPage takeBack={takeBackAction} />;
}
