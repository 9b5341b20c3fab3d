// The printed form of a notice.
import { graphql, request } from "../api/client";

const Print = graphql(`
  query PrintNotice($id: ID!) { notice(id: $id) { printUrl } }
`);

/** Open it. The link is good for ten minutes, so it is asked for when it is wanted. */
export async function printNotice(id: string): Promise<void> {
  const { notice } = await request(Print, { id });
  if (notice?.printUrl) location.assign(notice.printUrl);
}
