// How GraphiQL asks: queries and commands by POST, a file by the multipart request
// specification, subscriptions by graphql-transport-ws; always as the signed-in person.
import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { parse, type DocumentNode } from "graphql";
import { createClient } from "graphql-ws";
import { accessToken } from "../api/session";
import { language } from "../ui/language";
import { chosen } from "./files";

async function authorized(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  const token = await accessToken();
  if (token) headers.set("Authorization", `Bearer ${token}`);
  headers.set("Accept-Language", language.value);
  return fetch(input, { ...init, headers });
}

const plain = createGraphiQLFetcher({
  url: "/graphql",
  fetch: authorized,
  wsClient: createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    connectionParams: async () => ({ authorization: `Bearer ${await accessToken()}` }),
  }),
});

/** The name of the operation's variable of type Upload, if it has one. */
function uploadVariable(document: DocumentNode, operation: string | null | undefined): string | undefined {
  for (const definition of document.definitions) {
    if (definition.kind !== "OperationDefinition" || (operation && definition.name?.value !== operation)) continue;
    for (const { type, variable } of definition.variableDefinitions ?? []) {
      const named = type.kind === "NonNullType" ? type.type : type;
      if (named.kind === "NamedType" && named.name.value === "Upload") return variable.name.value;
    }
  }
  return undefined;
}

async function multipart(params: FetcherParams, variable: string, file: File): Promise<unknown> {
  const form = new FormData();
  const variables = { ...(params.variables as Record<string, unknown> | undefined), [variable]: null };
  form.set("operations", JSON.stringify({ query: params.query, operationName: params.operationName, variables }));
  form.set("map", JSON.stringify({ 0: [`variables.${variable}`] }));
  form.set("0", file);
  const answer = await authorized("/graphql", { method: "POST", body: form, headers: { "Graphql-Require-Preflight": "1" } });
  return answer.json();
}

/** GraphiQL's fetcher. */
export const fetcher: Fetcher = (params, options) => {
  const file = chosen();
  const variable = file ? uploadVariable(options?.documentAST ?? parse(params.query), params.operationName) : undefined;
  return file && variable ? (multipart(params, variable, file) as ReturnType<Fetcher>) : plain(params, options);
};
