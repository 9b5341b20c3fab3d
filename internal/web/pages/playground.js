// The playground is a plain client of the API: it signs in, asks for the schema
// (which only administrators get in production) and runs what is typed. The
// token lives in this page's memory only.
"use strict";

const $ = (id) => document.getElementById(id);
let token = null;

async function send(query, variables) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json" };
  if (token) headers.Authorization = "Bearer " + token;
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return response.json();
}

function say(text) { $("message").textContent = text; }

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  say("…");
  const answer = await send(
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken viewer { user { name } memberships { role } } } }",
    { input: { account: $("account").value, password: $("password").value } });
  $("password").value = "";
  if (answer.errors) { say(answer.errors[0].message); return; }
  const session = answer.data.signIn;
  if (!session.viewer.memberships.some((m) => m.role === "PLATFORM_ADMIN")) {
    say("此页仅供平台管理员使用。 This page is for platform administrators.");
    token = session.accessToken;
    await send("mutation { signOut { signedOut } }", {});
    token = null;
    return;
  }
  token = session.accessToken;
  say(session.viewer.user.name);
  $("sign-in").hidden = true;
  $("workbench").hidden = false;
  $("query").value = "query {\n  viewer { user { id name } memberships { role } }\n  campaigns { id title startsOn endsOn }\n}\n";
  await loadTypes();
});

async function loadTypes() {
  const answer = await send("{ __schema { types { name } } }", {});
  if (answer.errors) { say(answer.errors[0].message); return; }
  for (const { name } of answer.data.__schema.types) {
    if (!name.startsWith("__")) $("types").add(new Option(name, name));
  }
}

$("types").addEventListener("change", async (event) => {
  if (!event.target.value) return;
  const answer = await send(
    "query($name: String!) { __type(name: $name) { kind name description" +
    " fields { name description args { name type { ...t } } type { ...t } }" +
    " inputFields { name description type { ...t } } enumValues { name description } } }" +
    " fragment t on __Type { name kind ofType { name kind ofType { name kind ofType { name kind } } } }",
    { name: event.target.value });
  $("answer").textContent = answer.errors ? JSON.stringify(answer, null, 2) : describe(answer.data.__type);
});

function typeName(t) {
  if (t.kind === "NON_NULL") return typeName(t.ofType) + "!";
  if (t.kind === "LIST") return "[" + typeName(t.ofType) + "]";
  return t.name;
}

function describe(t) {
  const lines = ["# " + t.description.replaceAll("\n", "\n# "), t.kind.toLowerCase() + " " + t.name + " {"];
  for (const f of t.fields || t.inputFields || []) {
    const args = (f.args || []).map((a) => a.name + ": " + typeName(a.type)).join(", ");
    lines.push("  # " + f.description.replaceAll("\n", "\n  # "), "  " + f.name + (args ? "(" + args + ")" : "") + ": " + typeName(f.type));
  }
  for (const v of t.enumValues || []) lines.push("  # " + v.description, "  " + v.name);
  lines.push("}");
  return lines.join("\n");
}

async function run() {
  let variables;
  try { variables = JSON.parse($("variables").value || "{}"); } catch (e) { say("变量不是有效的 JSON。 " + e.message); return; }
  say("");
  $("answer").textContent = "…";
  $("answer").textContent = JSON.stringify(await send($("query").value, variables), null, 2);
}

$("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && token) run();
});

$("sign-out").addEventListener("click", async () => {
  await send("mutation { signOut { signedOut } }", {});
  token = null;
  location.reload();
});
