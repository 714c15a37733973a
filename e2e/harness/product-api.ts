import type { Page } from "playwright-core";
import { Board, type BoardRow, VaultDetail } from "@/lib/coverage/board.pure";

/** The product's read routes with the token of the person who is signed in on `page`. */
export interface ProductApi {
  authorization: string;
  get(path: string): Promise<Response>;
  /** The board once the background collection has looked at every vault. */
  board(): Promise<BoardRow[]>;
  vault(row: Pick<BoardRow, "subscriptionId" | "resourceGroup" | "name">): Promise<VaultDetail>;
}

/** Takes the token from the page's own calls; the page must be signed in and polling. */
export async function productApi(page: Page, url: string): Promise<ProductApi> {
  const request = await page.waitForRequest(
    (sent) => new URL(sent.url()).pathname.startsWith("/api/") && sent.headers().authorization !== undefined,
    { timeout: 60_000 },
  );
  const authorization = request.headers().authorization ?? "";
  const get = (path: string) => fetch(`${url}${path}`, { headers: { authorization } });
  return {
    authorization,
    get,
    board: async () => {
      for (;;) {
        const board = Board.parse(await (await get("/api/vaults")).json());
        if (board.vaults.length > 0 && board.collector.done >= board.collector.total) return board.vaults;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
    vault: async ({ subscriptionId, resourceGroup, name }) =>
      VaultDetail.parse(await (await get(`/api/vaults/${subscriptionId}/${resourceGroup}/${name}`)).json()),
  };
}

/** The address of a vault's page. */
export function vaultAddress(
  url: string,
  { subscriptionId, resourceGroup, name }: Pick<BoardRow, "subscriptionId" | "resourceGroup" | "name">,
): string {
  return `${url}/vaults/${subscriptionId}/${resourceGroup}/${name}`;
}
