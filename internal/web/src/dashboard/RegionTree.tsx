// The regions in sight as a tree down to the schools. A branch is read when it is
// opened.
import { useState } from "preact/hooks";
import { graphql } from "../api/client";
import { QueryState } from "../ui/State";
import { usePages } from "../ui/List";
import { fill, texts } from "../ui/language";
import { useQuery } from "../ui/useQuery";
import { elsewhere, to } from "./place";

const t = texts({
  open: ["展开{name}", "Open {name}"],
  more: ["更多学校", "More schools"],
});

const Top = graphql(`
  query TopRegions { regions { id name level } }
`);

const Below = graphql(`
  query RegionsBelow($id: ID!) { node(id: $id) { ... on Region { id children { id name level } } } }
`);

const SchoolsBelow = graphql(`
  query SchoolsBelow($region: ID!, $first: Int!, $after: String) {
    schools(first: $first, after: $after, filter: { regionId: $region }) {
      edges { node { id name } } pageInfo { hasNextPage endCursor }
    }
  }
`);

interface Region {
  id: string;
  name: string;
  level: string;
}

export function RegionTree() {
  const query = useQuery(Top, {});
  return (
    <div class="tree">
      <QueryState query={query} />
      <ul>{query.data?.regions?.map((r) => <Branch key={r.id} region={r} />)}</ul>
    </div>
  );
}

function Branch({ region }: { region: Region }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button type="button" class="quiet twist" aria-expanded={open} aria-label={fill(t.open, { name: region.name })} onClick={() => setOpen(!open)}>
        {open ? "▾" : "▸"}
      </button>
      <a href={elsewhere({ region: region.id })}>{region.name}</a>
      {open && (region.level === "TOWNSHIP" ? <Leaves region={region.id} /> : <Branches region={region.id} />)}
    </li>
  );
}

function Branches({ region }: { region: string }) {
  const query = useQuery(Below, { id: region });
  const node = query.data?.node;
  return (
    <>
      <QueryState query={query} />
      <ul>{node && "children" in node && node.children?.map((r) => <Branch key={r.id} region={r} />)}</ul>
    </>
  );
}

function Leaves({ region }: { region: string }) {
  const pages = usePages(SchoolsBelow, { region }, (d) => d.schools);
  return (
    <>
      <QueryState query={pages} />
      <ul>{pages.data?.map((s) => <li class="leaf"><a href={to(["schools", s.id])}>{s.name}</a></li>)}</ul>
      {pages.more && <button type="button" onClick={() => void pages.next()}>{t.more}</button>}
    </>
  );
}
