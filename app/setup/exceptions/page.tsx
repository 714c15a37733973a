import type { Metadata } from "next";
import { ExceptionsPage } from "@/components/exceptions/exceptions-page";
import { addExceptionAction, endExceptionAction } from "./actions";

export const metadata: Metadata = { title: "Exceptions" };

export default function Page() {
  return <ExceptionsPage add={addExceptionAction} end={endExceptionAction} />;
}
